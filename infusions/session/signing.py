"""What is signed: the log up to the signature, as one fingerprint that any change of it would change."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC

from infusions.session.log import Entry, is_draft


def fingerprint(name: str, before: Iterable[Entry], signed: Entry) -> str:
    """The SHA-256 of a signature: over the entries before it, and who signed, when, what for and about whom; not its number."""
    said = {key: value for key, value in signed.data.items() if key != "sha256"}
    return content_hash(name, [*before, replace(signed, number=0, data=said)])


def content_hash(name: str, entries: Iterable[Entry]) -> str:
    """SHA-256 over the entries of a session in their order, drafts left out; `name` is the session's public id.

    Each entry counts with its number, kind, both times, author, field, version and data, as JSON with sorted keys.
    """
    digest = hashlib.sha256(name.encode())
    for entry in entries:
        if not is_draft(entry.field):
            digest.update(b"\n" + _line(entry).encode())
    return digest.hexdigest()


def _line(entry: Entry) -> str:
    said = {
        "number": entry.number,
        "kind": entry.kind.value,
        "at": entry.at.astimezone(UTC).isoformat(),
        "recorded_at": entry.recorded_at.astimezone(UTC).isoformat(),
        "by": [entry.by_id, entry.by],
        "field": entry.field,
        "version": entry.version,
        "data": entry.data,
    }
    return json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
