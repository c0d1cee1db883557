"""The three files of past records: their columns, and what is checked within one row."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypedDict, cast
from zoneinfo import ZoneInfo

from django.db import models

from assessments.instruments import pcl5
from clinic.transfer import cells
from clinic.transfer.sheets import Column, Layout
from infusions.dosing import check_dose
from infusions.limits import Level, Limits
from infusions.models import Infusion, Phase, Route
from patients.models import Gender, Patient, RaceEthnicity, YesNo
from patients.search import search_key

PATIENTS, INFUSIONS, PCL5 = "patients.csv", "infusions.csv", "pcl5.csv"
FILES = (PATIENTS, INFUSIONS, PCL5)

QUESTIONS = tuple(f"q{item.number}" for item in pcl5.INSTRUMENT.items)
#: Free text: what it says is never repeated in a message.
TEXTS = frozenset({"given_name", "family_name", "preparation_note", "intention", "integration_note"})
#: The columns under the names that the limits use.
LIMITED = {"weight_kg": "weight_kg", "mg_per_kg": "dose_mg_per_kg", "mg": "dose_mg", "minutes": "minutes"}

_LIMITS = Limits()
_LARGEST_SMALL_INTEGER = 32_767


def layouts(zone: ZoneInfo, now: datetime) -> tuple[Layout, Layout, Layout]:
    """Patients, infusions and PCL-5s, with `now` as the limit to the future."""
    today = now.astimezone(zone).date()
    return _patients(today), _infusions(zone, now), _pcl5(today)


class Doses(TypedDict):
    """The amounts of an infusion under the names that the limits use."""

    weight_kg: Decimal | None
    mg_per_kg: Decimal | None
    mg: Decimal | None
    minutes: Decimal | None


def doses_of(values: dict[str, Any]) -> Doses:
    """The amounts in a row. An amount of 0 mg is not given (rule 12), so no limit applies to it."""
    return Doses(
        weight_kg=values.get("weight_kg"),
        mg_per_kg=values.get("dose_mg_per_kg"),
        mg=values.get("dose_mg") or None,
        minutes=values.get("minutes"),
    )


def _patients(today: date) -> Layout:
    columns = (
        Column("mrn", cells.code(_line_of("mrn", "write the record number of the patient"))),
        Column("given_name", _line_of("given_name", "write the name")),
        Column("family_name", _line_of("family_name", "write the name")),
        Column("date_of_birth", cells.required(cells.day(today), "write a day as YYYY-MM-DD")),
        Column("gender", _choice(Gender), required=False, absent=Gender.NOT_RECORDED),
        Column("race_ethnicity", _choice(RaceEthnicity), required=False, absent=RaceEthnicity.NOT_RECORDED),
        Column("concurrent_psychotherapy", _choice(YesNo), required=False, absent=YesNo.NOT_RECORDED),
        Column("psychiatric_medications", cells.optional(cells.whole(0, _LARGEST_SMALL_INTEGER)), required=False),
    )
    return Layout(PATIENTS, "the same patient", columns, ("mrn",), _nothing_more)


def _infusions(zone: ZoneInfo, now: datetime) -> Layout:
    routes = {"": Route.IV} | {route.value: route for route in Route}
    phases = {"": Phase.INDUCTION} | {phase.value: phase for phase in Phase}
    start = cells.required(cells.start(zone, now), "write the clinic's local time as YYYY-MM-DDTHH:MM")
    columns = (
        Column("mrn", cells.code(_line_of("mrn", "write the record number of the patient"))),
        Column("course", cells.required(cells.whole(1, _LARGEST_SMALL_INTEGER), "write a whole number from 1")),
        Column("started_at", start),
        Column("minutes", cells.optional(_decimal("minutes"))),
        Column("weight_kg", cells.optional(_decimal("weight_kg"))),
        Column("dose_mg_per_kg", cells.optional(_decimal("dose_mg_per_kg"))),
        Column("dose_mg", cells.required(_decimal("dose_mg_given"), "write the mg given, 0 if none")),
        Column("route", cells.choice(routes)),
        Column("phase", cells.choice(phases), required=False, absent=Phase.INDUCTION),
        Column("eye_mask", _choice(YesNo), required=False, absent=YesNo.NOT_RECORDED),
        Column("music", _choice(YesNo), required=False, absent=YesNo.NOT_RECORDED),
        Column("preparation_note", cells.note, required=False, absent=""),
        Column("intention", cells.note, required=False, absent=""),
        Column("integration_note", cells.note, required=False, absent=""),
    )

    def finish(values: dict[str, Any]) -> Iterator[tuple[str, str]]:
        if "mrn" in values and "started_at" in values:
            local = values["started_at"].astimezone(zone).replace(tzinfo=None)
            values["import_key"] = f"{values['mrn']} {local.isoformat()}"
        return _impossible_doses(values)

    return Layout(INFUSIONS, "an infusion with the same start", columns, ("mrn", "started_at"), finish)


def _pcl5(today: date) -> Layout:
    answers = {"": None} | {str(option.value): option.value for option in pcl5.INSTRUMENT.options}
    forms = {form.id: form.id for form in (pcl5.WEEK, pcl5.MONTH)}
    columns = (
        Column("mrn", cells.code(_line_of("mrn", "write the record number of the patient"))),
        Column("completed_on", cells.required(cells.day(today), "write a day as YYYY-MM-DD")),
        Column("recall", cells.choice(forms)),
        *(Column(name, cells.choice(answers)) for name in QUESTIONS),
    )
    return Layout(
        PCL5, "a form of the same recall and day", columns, ("mrn", "recall", "completed_on"), _gather_answers
    )


def _choice(choices: type[models.TextChoices]) -> cells.Cell:
    """The values of `choices` as they are written in a file, where blank is "not recorded"."""
    unknown = choices["NOT_RECORDED"]
    return cells.choice({"": unknown} | {choice.value: choice for choice in choices})


def _line_of(field_name: str, accepted: str) -> cells.Cell:
    longest, longest_key = (_longest(name) for name in (field_name, f"{field_name}_key"))
    return cells.required(cells.line(longest, search_key, longest_key), accepted)


def _longest(field_name: str) -> int:
    return cast(int, cast("models.CharField[Any, Any]", Patient._meta.get_field(field_name)).max_length)


def _decimal(field_name: str) -> cells.Cell:
    return cells.decimal(cast("models.DecimalField[Any, Any]", Infusion._meta.get_field(field_name)).decimal_places)


def _nothing_more(_values: dict[str, Any]) -> Iterator[tuple[str, str]]:
    return iter(())


def _impossible_doses(values: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """The reject limits, which hold for past records too (rule 47); that of the dose is for the intravenous route."""
    for finding in check_dose(_LIMITS, **doses_of(values)):
        of_another_route = finding.field == "mg_per_kg" and values.get("route", Route.IV) != Route.IV
        if finding.level is Level.REJECT and not (of_another_route and values["dose_mg_per_kg"] > 0):
            yield LIMITED[finding.field], finding.message


def _gather_answers(values: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Put the answers together as one value, a tuple in the order of the items."""
    if all(name in values for name in QUESTIONS):
        answers = tuple(values.pop(name) for name in QUESTIONS)
        values["answers"] = answers
        if answers == (None,) * len(answers):
            yield QUESTIONS[0], f"no question is answered: answer at least one of {QUESTIONS[0]} to {QUESTIONS[-1]}"
