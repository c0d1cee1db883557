"""One cell of a file: text in, a value out, or `NotAccepted` with what is wrong and what is accepted.

Each function here makes a `Cell`, which never raises anything else, whatever the text. Blanks around a value do not
count, except in notes. Pure: the clock and the clinic's time zone are arguments.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

Value = TypeVar("Value")
Cell = Callable[[str], Any]

#: How much of a refused value a message repeats.
SHOWN_CHARACTERS = 40
#: Nobody treated here was born earlier; an earlier year is a slip of the keyboard.
FIRST_YEAR = 1900

_FROM = f"from {FIRST_YEAR} on"
_BLANKS = " \t\r\n\u00a0"
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_START = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2}(?::[0-9]{2})?)")
_WHOLE = re.compile(r"[0-9]{1,9}")
_DECIMAL = re.compile(r"-?[0-9]{1,12}(?:\.[0-9]{1,12})?")
_DECIMAL_COMMA = re.compile(r"[0-9]+,[0-9]+")
# Control characters, surrogates and separators of lines and paragraphs. Joiners and marks of direction are text.
_UNPRINTABLE = frozenset({"Cc", "Cs", "Zl", "Zp"})


class NotAccepted(ValueError):  # noqa: N818 - read as what happened
    """The text is no such value; the message says what is wrong and what is accepted."""


def shown(text: str) -> str:
    """Text as it may stand in a message: at most 40 characters, everything unprintable escaped."""
    short = text if len(text) <= SHOWN_CHARACTERS else text[:SHOWN_CHARACTERS] + "…"
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in short)


def trimmed(text: str) -> str:
    """Text without the blanks around it."""
    return text.strip(_BLANKS)


def required(cell: Cell, accepted: str) -> Cell:
    """`cell` for a column that may not be left blank; `accepted` says what to fill in."""

    def parse(text: str) -> Any:
        if not trimmed(text):
            raise NotAccepted(f"is blank: {accepted}")
        return cell(text)

    return parse


def optional(cell: Cell, blank: Any = None) -> Cell:
    """`cell` for a column where blank means `blank`, usually "not recorded"."""

    def parse(text: str) -> Any:
        return cell(text) if trimmed(text) else blank

    return parse


def day(today: date) -> Cell:
    """A calendar day, not in the future."""

    def parse(text: str) -> date:
        text = trimmed(text)
        value = _day(text) if _DAY.fullmatch(text) else None
        if value is None:
            raise NotAccepted(f"{_quoted(text)} is no date: write YYYY-MM-DD, {_FROM}, such as 2025-03-01")
        if value > today:
            raise NotAccepted(f"{_quoted(text)} is in the future: days up to {today} are accepted")
        return value

    return parse


def start(zone: ZoneInfo, now: datetime) -> Cell:
    """A moment by the clinic's clock, not in the future.

    When the clock is put back an hour comes twice; then the first of the two is meant. A time that the clock skipped is
    refused.
    """

    def parse(text: str) -> datetime:
        text = trimmed(text)
        found = _START.fullmatch(text)
        on, at = (_day(found[1]), _time(found[2])) if found else (None, None)
        if on is None or at is None:
            how = f"YYYY-MM-DDTHH:MM, {_FROM}, such as 2025-03-01T14:30, without an offset"
            raise NotAccepted(f"{_quoted(text)} is no start: write the clinic's local time as {how}")
        value = _existing(datetime.combine(on, at, zone), text)
        if value > now:
            raise NotAccepted(f"{_quoted(text)} is in the future: starts up to now are accepted")
        return value

    return parse


def whole(low: int, high: int) -> Cell:
    """A whole number from `low` to `high`."""

    def parse(text: str) -> int:
        text = trimmed(text)
        if not _WHOLE.fullmatch(text) or not low <= int(text) <= high:
            raise NotAccepted(f"{_quoted(text)} is not accepted: write a whole number from {low} to {high}")
        return int(text)

    return parse


def decimal(places: int) -> Cell:
    """A number with at most `places` digits after the point that are not 0; never rounded."""
    accepted = f"write digits with at most {places} after the point, such as 44.5"

    def parse(text: str) -> Decimal:
        text = trimmed(text)
        if _DECIMAL_COMMA.fullmatch(text):
            raise NotAccepted(f"{_quoted(text)} has a comma: {accepted.replace('the point', 'a decimal point')}")
        if not _DECIMAL.fullmatch(text):
            raise NotAccepted(f"{_quoted(text)} is no number: {accepted}")
        if len(text.partition(".")[2].rstrip("0")) > places:
            raise NotAccepted(f"{_quoted(text)} has too many decimal places: {accepted}")
        return Decimal(text) or Decimal(0)  # no "-0"

    return parse


def choice(values: Mapping[str, Value]) -> Callable[[str], Value]:
    """One of the keys, written exactly so; its value. A key "" stands for a blank cell."""
    accepted = ", ".join(key or "blank" for key in values)

    def parse(text: str) -> Value:
        try:
            return values[trimmed(text)]
        except KeyError:
            raise NotAccepted(f"{_word(trimmed(text))} is not accepted: choose one of {accepted}") from None

    return parse


def line(max_length: int, key: Callable[[str], str], max_key_length: int) -> Callable[[str], str]:
    """Text on one line, such as a name, of at most `max_length` characters; so must fit its search `key`.

    A message never repeats it.
    """

    def parse(text: str) -> str:
        text = trimmed(text)
        if len(text) > max_length or len(key(text)) > max_key_length:
            raise NotAccepted(f"is too long: at most {max_length} characters are accepted")
        if any(unicodedata.category(character) in _UNPRINTABLE for character in text):
            raise NotAccepted("has unprintable characters: only text on one line is accepted")
        if not key(text):
            raise NotAccepted("has no letter, digit or sign that can be seen")
        if text.startswith('"') and text.endswith('"'):
            raise NotAccepted("is in double quotes: put them directly after the comma or semicolon, without a blank")
        return text

    return parse


def note(text: str) -> str:
    """Text of any length, kept as it is; nothing but blanks is nothing."""
    return text if trimmed(text) else ""


def code(cell: Cell) -> Cell:
    """`cell` for a record number: characters that cannot be seen would make two numbers of one."""

    def parse(text: str) -> Any:
        if not all(c.isprintable() for c in trimmed(text)):
            raise NotAccepted("has characters that cannot be seen: type it anew")
        return cell(text)

    return parse


def _word(text: str) -> str:
    """A refused choice if it may be one; what may be a name or a note is not repeated."""
    return (
        "a blank cell" if not text else _quoted(text) if re.fullmatch(r"[A-Za-z0-9_.+-]{1,12}", text) else "this text"
    )


def _quoted(text: str) -> str:
    return f"'{shown(text)}'"


def _day(text: str) -> date | None:
    try:
        value = date.fromisoformat(text)
    except ValueError:
        return None
    return value if value.year >= FIRST_YEAR else None


def _time(text: str) -> time | None:
    try:
        return time.fromisoformat(text)
    except ValueError:
        return None


def _existing(local: datetime, text: str) -> datetime:
    """The moment in UTC. Raises NotAccepted when the clocks were put forward over it."""
    try:
        moment = local.astimezone(UTC)
        exists = moment.astimezone(local.tzinfo).replace(tzinfo=None) == local.replace(tzinfo=None)
    except OverflowError:  # the last hours of the year 9999
        raise NotAccepted(f"{_quoted(text)} is in the future: starts up to now are accepted") from None
    if not exists:
        raise NotAccepted(
            f"{_quoted(text)} does not exist in {local.tzinfo}: the clock was put forward over it; "
            "write the time that it showed"
        )
    return moment
