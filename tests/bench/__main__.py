"""What Tidemark costs, in figures: `make bench`, or `make bench ONLY=saves,pages` for some of them.

Real processes on the loopback: web server, workers, a Redis of their own, and the PostgreSQL of DATABASE_URL or one of its
own. PATIENTS=, SMALL= and SEED= change the clinics. An aim that is missed is said and is no failure; the exit code is 1
when something could not be measured.
"""

import os
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path

from bench import fifty, filters, memory, pages, recompute, room, saves, visible
from bench.rig import Rig

#: In this order, as the large clinic that the pages are measured on is as it was made, and memory is measured on it last.
TOPICS: dict[str, Callable[[Rig], None]] = {
    topic.__name__.removeprefix("bench."): topic.measure
    for topic in (saves, room, fifty, visible, recompute, pages, filters, memory)
}


def main() -> int:
    """Measure the topics of ONLY, or all, one after the other."""
    asked = [name.strip() for name in os.environ.get("ONLY", "").split(",") if name.strip()]
    if unknown := sorted(set(asked) - set(TOPICS)):
        print(f"There is no {', '.join(unknown)}. Choose from {', '.join(TOPICS)}.", file=sys.stderr)
        return 1
    if not shutil.which("redis-server"):
        print("redis-server is missing: install the package redis-server.", file=sys.stderr)
        return 1
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that everything is stopped and dropped
    with Rig() as rig:
        failed = [name for name in asked or TOPICS if not _measured(name, rig)]
    if failed:
        print(f"Could not measure: {', '.join(failed)}.", file=sys.stderr)
    return 1 if failed else 0


def _measured(name: str, rig: Rig) -> bool:
    print(
        f"\n# {name}; just before, this machine of {os.cpu_count()} cores was {_busy_percent():.0f} % busy", flush=True
    )
    try:
        TOPICS[name](rig)
    except Exception:
        traceback.print_exc()
        return False
    return True


def _busy_percent(seconds: float = 3.0) -> float:
    """How much of the machine is in use, while nothing is measured: by others, that is."""
    before = _ticks()
    time.sleep(seconds)
    idle, every = (after - was for after, was in zip(_ticks(), before, strict=True))
    return 100 * (1 - idle / every)


def _ticks() -> tuple[int, int]:
    """Of all cores since the machine began: idle or waiting for a disk, and in all."""
    ticks = [int(number) for number in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    return ticks[3] + ticks[4], sum(ticks)


if __name__ == "__main__":
    sys.exit(main())
