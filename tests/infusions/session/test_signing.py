"""The fingerprint of what is signed: any change of any entry changes it, a draft does not."""

from dataclasses import replace
from datetime import timedelta, timezone
from typing import Any, ClassVar

import pytest
from written_log import Written

from infusions.session.log import Entry, Kind
from infusions.session.signing import content_hash, fingerprint


def signed() -> list[Entry]:
    log = Written()
    log.add(Kind.BEGUN)
    log.type("intention", "Stay with the breath: “ü”")
    log.add(Kind.VITALS, 5, systolic_mmhg=128, findings=[])
    return log.entries


NAME, ENTRIES = "J2nq0", signed()
HASH = content_hash(NAME, ENTRIES)


def test_it_is_the_same_everywhere() -> None:
    """Written down, so that no later version of the code makes another of the same record."""
    assert HASH == "3ed5d4cb3f77902d78c01a2eaeadc27296ef735eb00b89e327530ae71694ffa6"


@pytest.mark.parametrize(
    "change",
    [
        {"number": 9},
        {"kind": Kind.NOTE},
        {"at": ENTRIES[0].at + timedelta(microseconds=1)},
        {"recorded_at": ENTRIES[0].at + timedelta(microseconds=1)},
        {"by_id": 8},
        {"by": "Somebody else"},
        {"field": "sitter"},
        {"version": 2},
        {"data": {"value": "Other"}},
        {"data": {}},
    ],
    ids=str,
)
@pytest.mark.parametrize("place", range(len(ENTRIES)))
def test_any_change_of_any_entry_changes_it(place: int, change: dict[str, Any]) -> None:
    changed = [*ENTRIES]
    changed[place] = replace(ENTRIES[place], **change)
    assert changed == ENTRIES or content_hash(NAME, changed) != HASH


def test_so_does_an_entry_more_or_less_another_order_or_another_session() -> None:
    others = [
        content_hash("other", ENTRIES),
        content_hash(NAME, ENTRIES[:-1]),
        content_hash(NAME, ENTRIES[1:]),
        content_hash(NAME, [*ENTRIES, ENTRIES[-1]]),
        content_hash(NAME, reversed(ENTRIES)),
        content_hash(NAME, []),
    ]
    assert len({HASH, *others}) == 7


class TestFingerprint:
    said: ClassVar[dict[str, Any]] = {"name": "Lena", "meaning": "responsible", "missing": [], "about": {"nth": 2}}
    signature = replace(ENTRIES[0], number=4, kind=Kind.SIGNED, data=said)

    def test_it_counts_the_signature_but_not_its_number_nor_itself(self) -> None:
        before = fingerprint(NAME, ENTRIES, replace(self.signature, number=0))
        kept = replace(self.signature, data={**self.said, "sha256": before})
        assert fingerprint(NAME, ENTRIES, kept) == before != HASH

    @pytest.mark.parametrize(
        "change",
        [
            {"at": ENTRIES[0].at + timedelta(microseconds=1)},
            {"recorded_at": ENTRIES[0].at + timedelta(microseconds=1)},
            {"by_id": 8},
            {"by": "Somebody else"},
            {"data": {**said, "meaning": "reviewed"}},
            {"data": {**said, "missing": ["No intention"]}},
            {"data": {**said, "about": {"nth": 3}}},
        ],
        ids=str,
    )
    def test_any_change_of_it_changes_it(self, change: dict[str, Any]) -> None:
        changed = replace(self.signature, **change)
        assert fingerprint(NAME, ENTRIES, changed) != fingerprint(NAME, ENTRIES, self.signature)


def test_a_draft_does_not() -> None:
    draft = replace(ENTRIES[1], number=4, field="my.7.note.text")
    assert content_hash(NAME, [*ENTRIES, draft]) == HASH


def test_neither_does_the_zone_of_a_clock_nor_the_order_of_what_was_said() -> None:
    east = timezone(timedelta(hours=2))
    turned = [
        replace(entry, at=entry.at.astimezone(east), data=dict(reversed(entry.data.items()))) for entry in ENTRIES
    ]
    assert content_hash(NAME, turned) == HASH
