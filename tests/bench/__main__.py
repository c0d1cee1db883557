"""What Tidemark costs, in figures: `make bench`, or `make bench ONLY=saves,pages` for some of them.

Real processes on the loopback: web server, workers, a Redis of their own, and the PostgreSQL of DATABASE_URL or one of its
own. PATIENTS=, SMALL= and SEED= change the clinics. An aim that is missed is said and is no failure; the exit code is 1
when something could not be measured.
"""

import os
import sys
import traceback
from collections.abc import Callable

from bench import memory, pages, recompute, saves, visible
from bench.rig import Rig

#: In this order, as the large clinic that the pages are measured on is as it was made, and memory is measured on it last.
TOPICS: dict[str, Callable[[Rig], None]] = {
    topic.__name__.removeprefix("bench."): topic.measure for topic in (saves, visible, recompute, pages, memory)
}


def main() -> int:
    """Measure the topics of ONLY, or all, one after the other."""
    asked = [name.strip() for name in os.environ.get("ONLY", "").split(",") if name.strip()]
    if unknown := sorted(set(asked) - set(TOPICS)):
        print(f"There is no {', '.join(unknown)}. Choose from {', '.join(TOPICS)}.", file=sys.stderr)
        return 1
    failed = []
    with Rig() as rig:
        for name in asked or TOPICS:
            print(f"\n# {name}; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores", flush=True)
            try:
                TOPICS[name](rig)
            except Exception:
                traceback.print_exc()
                failed.append(name)
    if failed:
        print(f"Could not measure: {', '.join(failed)}.", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
