"""Every stored field of ours has a class, and every exported column comes from fields that may leave."""

import pytest
from test_house_models import OURS

from clinic.transfer.field_classes import CLASSES, Fields, classified
from clinic.transfer.research.columns import COLUMNS, Column, Source, dictionary

STORED = {f"{model._meta.label}.{field.name}" for model in OURS for field in model._meta.concrete_fields}


def test_every_field_is_classified() -> None:
    assert not STORED - set(classified()), "name them in clinic/transfer/field_classes.py"


def test_no_class_is_of_a_field_that_is_gone() -> None:
    assert not set(classified()) - STORED, "take them out of clinic/transfer/field_classes.py"


def test_a_field_with_two_classes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CLASSES, "patients.RecordChange", Fields(identifying="id patient", neutral="id"))
    with pytest.raises(ValueError, match=r"patients.RecordChange.id has two classes"):
        classified()


def test_free_text_and_moments_of_patients_are_identifying() -> None:
    """Whatever a person typed and whenever a patient was here: only what is chosen from a list may be clinical."""
    kinds = {"TextField", "EmailField", "DateField", "DateTimeField", "BinaryField", "PublicIdField"}
    about_the_clinic = {
        "outcomes.SummaryState",
        "outcomes.SweepState",
        "outcomes.RecomputeRun",
        "outcomes.ClinicSummary",
    }
    about_the_clinic |= {"outcomes.PatientOutcomeState"}
    for model in OURS:
        for field in model._meta.concrete_fields:
            free = field.get_internal_type() == "CharField" and not field.choices
            label = f"{model._meta.label}.{field.name}"
            if label in CHOSEN or (model._meta.label in about_the_clinic and "reason" not in field.name):
                continue
            if free or type(field).__name__ in kinds:
                assert classified()[label] == "identifying", label


#: Written by the software, or chosen from what an instrument or a list offers.
CHOSEN = {"assessments.Assessment.instrument", "assessments.Assessment.form", "assessments.Assessment.language"}
CHOSEN |= {"outcomes.CourseOutcome.status", "outcomes.CourseOutcome.as_of"}
CHOSEN |= {"outcomes.WindowOutcome.window", "outcomes.WindowOutcome.category", "outcomes.CriteriaVersion.preset"}
CHOSEN |= {"outcomes.ClinicExtract.preset", "outcomes.ClinicExtract.computed_at"}
CHOSEN |= {"audit.AuditEvent.action", "audit.AuditEvent.record_type"}


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: f"{column.file}:{column.name}")
def test_a_column_comes_from_fields_that_may_leave(column: Column) -> None:
    kinds = {classified()[field] for field in column.source.fields}
    assert kinds <= {"clinical", "neutral"} or column.source.derivation
    assert (column.kind == "derived") == ("identifying" in kinds)


def test_the_dictionary_says_everything_of_every_column() -> None:
    rows = dictionary()
    assert len({(row["file"], row["column"]) for row in rows}) == len(rows)
    for row in rows:
        assert all(row[name] for name in ("type", "meaning", "source", "class")), row
        assert row["type"] in {"integer", "number", "boolean", "text"}
    assert {row["class"] for row in rows} == {"clinical", "derived"}


def test_a_neutral_column_is_called_so() -> None:
    source = Source(("outcomes.CriteriaVersion.number",))
    assert Column("any.csv", "version", "integer", "", "", "", source).kind == "neutral"
