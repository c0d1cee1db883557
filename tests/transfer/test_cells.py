"""No text, however odd, gets past the cells or makes them fail."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.transfer import cells
from clinic.transfer.cells import NotAccepted
from clinic.transfer.tables import open_table
from patients.search import search_key

NEW_YORK = ZoneInfo("America/New_York")
NOW = datetime(2025, 6, 1, 16, tzinfo=UTC)
TODAY = date(2025, 6, 1)

CELLS = {
    "day": cells.day(TODAY),
    "start": cells.start(NEW_YORK, NOW),
    "whole": cells.whole(1, 32767),
    "decimal": cells.decimal(2),
    "choice": cells.choice({"": None, "yes": 1, "no": 2}),
    "line": cells.line(200, search_key, 800),
    "note": cells.note,
    "required": cells.required(cells.day(TODAY), "a day"),
    "optional": cells.optional(cells.decimal(1)),
}
NEARLY = st.one_of(
    st.text(),
    st.text(alphabet="0123456789-:.,T Ze+\u0660\u00a0", max_size=20),
    st.from_regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?)?", fullmatch=True),
    st.dates().map(str),
    st.datetimes().map(lambda moment: moment.isoformat(timespec="minutes")),
    st.decimals().map(str),
    st.integers().map(str),
)


@pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)
@given(text=NEARLY)
def test_a_cell_gives_a_value_or_says_what_is_accepted(cell, text):
    message = "a value"
    try:
        cell(text)
    except NotAccepted as refused:
        message = str(refused)
    assert message.isprintable()
    assert 0 < len(message) < 600


def _value_or_none(name, text):
    try:
        return CELLS[name](text)
    except NotAccepted:
        return None


@given(text=NEARLY)
def test_accepted_values_are_what_they_say(text):
    for name, kind in (("day", date), ("start", datetime), ("decimal", Decimal), ("whole", int)):
        value = _value_or_none(name, text)
        if value is None:
            continue
        assert isinstance(value, kind)
        assert text.isascii() or "\u00a0" in text
        assert name != "decimal" or value == round(value, 2)
        assert name != "start" or value <= NOW


@given(minutes=st.integers(0, 25 * 365 * 24 * 60))
def test_a_start_is_the_time_the_clock_showed(minutes):
    shown = (datetime(2000, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)).replace(tzinfo=None)

    value = _value_or_none("start", shown.isoformat(timespec="minutes"))

    if value is None:
        assert (shown.hour, shown.month in {3, 4}) == (2, True)
    else:
        assert value.tzinfo is UTC
        assert value.astimezone(NEW_YORK).replace(tzinfo=None) == shown


@pytest.mark.parametrize("day", ["2025-03-09", "2024-03-10", "2001-04-01"])
def test_the_hour_that_the_clock_skipped_is_refused(day):
    assert _value_or_none("start", f"{day}T01:59") is not None
    assert _value_or_none("start", f"{day}T03:00") is not None
    with pytest.raises(NotAccepted, match="does not exist in America/New_York"):
        CELLS["start"](f"{day}T02:30")


@pytest.mark.parametrize(
    ("cell", "text", "value"),
    [
        ("decimal", "40", Decimal(40)),
        ("decimal", " 40.500 ", Decimal("40.5")),
        ("decimal", "-0", Decimal(0)),
        ("start", "2024-11-03T01:30", datetime(2024, 11, 3, 5, 30, tzinfo=UTC)),
        ("start", "2025-06-01 12:00:00", NOW),
        ("day", "\u00a02025-06-01 ", TODAY),
        ("optional", " ", None),
        ("note", " \n ", ""),
        ("note", " x ", " x "),
    ],
)
def test_values(cell, text, value):
    assert CELLS[cell](text) == value


def test_minus_nothing_is_nothing():
    assert not CELLS["decimal"]("-0.0").is_signed()


@given(content=st.one_of(st.binary(), st.text(alphabet='a,;"\n\r\0 é').map(str.encode)))
def test_a_file_of_anything_can_be_read(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("any") / "any.csv"
    path.write_bytes(b"a,b\n" + content)
    problems = []
    with open_table(path, ["a", "b"], ["a", "b"], problems) as table:
        rows = list(table.rows())

    lines = [row.line for row in rows]
    assert lines == sorted(set(lines))
    assert all(problem.message.isprintable() for problem in problems)
