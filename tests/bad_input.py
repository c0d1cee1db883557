"""What people and machines type into fields: what must be refused beside the field, and what is odd but must be kept.

`bad_values(kind)` lists what every field of that kind must refuse (422, no row changed, the text still there).
`odd_text()` lists what every free text must store as it is and show inert.
`bad_cases(fields)` makes the parameters of a test of all of them, `assert_refused` looks at the answer.
"""

from html import escape
from typing import Any

import pytest

MILLION = "x" * 1_000_000
NUL = "be\x00fore"
EMOJI = "🌊🧠"
RIGHT_TO_LEFT = "مريض \u202ereversed\u202c שלום"
SCRIPT = '<script>alert("x")</script>'
FORMULA = '=CMD("calc")'

#: Nothing of this is a number, a day, a choice or an address.
_NONSENSE = [
    ("words", "about twelve"),
    ("lone minus", "-"),
    ("NUL", NUL),
    ("1 MB", MILLION),
    ("emoji", EMOJI),
    ("right to left", RIGHT_TO_LEFT),
    ("script", SCRIPT),
    ("formula", FORMULA),
]
_TOO_MUCH_TEXT = [("NUL", NUL), ("1 MB", MILLION)]

_BAD: dict[str, list[tuple[str, str]]] = {
    "text": _TOO_MUCH_TEXT,
    "note": _TOO_MUCH_TEXT,
    "day": [
        *_NONSENSE,
        ("no such day", "2026-02-30"),
        ("no such month", "2026-13-01"),
        ("zeros", "0000-00-00"),
        ("slashes the wrong way round", "1984/08/03"),
        ("with a time", "2026-02-27T10:00"),
        ("before anybody's birth", "1802-01-01"),
        ("first day there is", "0001-01-01"),
        ("far future", "2999-01-01"),
        ("last day there is", "9999-12-31"),
    ],
    "moment": [
        *_NONSENSE,
        ("no such day", "2026-02-30T10:00"),
        ("no such hour", "2026-02-27T25:00"),
        ("before anybody's birth", "1802-01-01T10:00"),
        ("first moment there is", "0001-01-01T00:00"),
        ("far future", "2999-01-01T10:00"),
        ("last moment there is", "9999-12-31T23:59"),
    ],
    "whole number": [
        *_NONSENSE,
        ("a fraction", "1.5"),
        ("a power", "1e3"),
        ("far below", "-99999"),
        ("far above", "99999999"),
        ("above any database", "9" * 30),
        ("endless", "Infinity"),
        ("no number", "NaN"),
    ],
    "amount": [
        *_NONSENSE,
        ("decimal comma", "82,4"),
        ("below zero", "-5"),
        ("far above", "99999999"),
        ("above any database", "1e400"),
        ("endless", "Infinity"),
        ("no number", "NaN"),
        ("too many decimals", "1.123456789"),
    ],
    "choice": [*_NONSENSE, ("a number", "0"), ("none of the list", "no_such_choice")],
    "email": [
        *_NONSENSE,
        ("no domain", "maren@"),
        ("two addresses", "a@clinic.example, b@clinic.example"),
        ("a second header", "a@clinic.example\nBcc: b@clinic.example"),
    ],
}


def bad_values(kind: str) -> list[tuple[str, str]]:
    """(name, raw text) of what a field of this kind must refuse.

    Kinds: text, note, day, moment, whole number, amount, choice, email. Optional fields may take blanks, and a plan may
    lie in the future: tests of one field add what only that field refuses.
    """
    return list(_BAD[kind])


def odd_text() -> list[tuple[str, str]]:
    """(name, raw text) of what looks dangerous in a free text and is legitimate: stored as typed, shown inert."""
    return [
        ("emoji", EMOJI),
        ("right to left", RIGHT_TO_LEFT),
        ("script", SCRIPT),
        ("image that fires", "<img src=x onerror=alert(1)>"),
        ("closed textarea", "</textarea><script>alert(1)</script>"),
        ("attribute", '" autofocus onfocus="alert(1)'),
        ("template", "{{ 7|add:1 }}{% now 'Y' %}"),
        ("formula", FORMULA),
        ("plus formula", "+1-555-0100"),
        ("at formula", "@SUM(A1)"),
        ("SQL", "'; DROP TABLE patients_patient; --"),
        ("lone minus", "-"),
        ("combining marks", "Zoe\u0308 A\u030angstro\u0308m"),
    ]


def bad_cases(fields: dict[Any, str]) -> list[Any]:
    """Parameters (field, raw text) for every field of these, field -> kind, and everything bad of its kind."""
    return [
        pytest.param(field, raw, id=f"{field if isinstance(field, str) else '.'.join(field)}: {name}")
        for field, kind in fields.items()
        for name, raw in bad_values(kind)
    ]


def assert_refused(response: Any, field: str, raw: str) -> None:
    """422, what was typed still there (a list of choices cannot show it), the message beside its field."""
    assert response.status_code == 422
    page, form = response.content.decode(), response.context["form"]
    assert form.errors[field]
    assert f'id="id_{field}_error"' in page
    if not hasattr(form.fields[field], "choices"):
        assert escape(raw.strip()) in page or escape(raw) in page
