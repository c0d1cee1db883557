"""Whether a log holds everything that was acknowledged, once, and nothing else; and whether the records follow from it."""

import json
from collections.abc import Iterable

from processes.bedside import Kept, Tablet
from processes.running import Clinic

_LOG = "SELECT key, kind, field, version, data FROM infusions_sessionevent WHERE infusion_id = %s ORDER BY id"


def problems(clinic: Clinic, tablets: Iterable[Tablet]) -> list[str]:
    """What does not hold, in words. Every tablet gave up on nothing and is the only one of its session."""
    clinic.manage("verify_sessions")  # fails where one does not
    return [wrong for tablet in tablets for wrong in _of_one(clinic, tablet)]


def _of_one(clinic: Clinic, tablet: Tablet) -> list[str]:
    where, there = f"infusion {tablet.seat.infusion}", _log(clinic, tablet.seat.infusion)
    lost = [f"{where}: lost {kept}" for key, kept in tablet.kept.items() if there.get(key) != kept]
    more = [f"{where}: nobody was told of {kept}" for key, kept in there.items() if key not in tablet.kept]
    last = {kept.field: kept for kept in there.values() if kept.kind == "field"}  # by number: the latest stays
    typed = {kept.field: kept for kept in tablet.kept.values() if kept.kind == "field"}
    changed = [
        f"{where}: {name} says {last.get(name)}, not {kept}" for name, kept in typed.items() if last.get(name) != kept
    ]
    return lost + more + changed


def _log(clinic: Clinic, infusion: int) -> dict[str, Kept]:
    """The log by key, which is unique. What was carried over from an earlier session has nobody to be told."""
    found = {}
    for key, kind, name, version, data in clinic.rows(_LOG, infusion):
        said = json.loads(data) if isinstance(data, str) else data
        if not said.get("carried"):
            found[_with_dashes(str(key))] = Kept(kind, name, version, str(said.get("value", "")) if name else "")
    return found


def _with_dashes(key: str) -> str:
    """SQLite keeps a key without them."""
    bare = key.replace("-", "")
    return "-".join([bare[:8], bare[8:12], bare[12:16], bare[16:20], bare[20:]])
