"""Whom a dashboard's filters choose, what their addresses say, and the extract that they choose from."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from clinics import DAYS, VA, clinic, evaluation, events, sessions

from clinic.outcomes.bands import AGE, DOSE, INFUSIONS, Band
from clinic.outcomes.charts.clinic import Clinic
from clinic.outcomes.chosen import chosen, holds
from clinic.outcomes.extract import of_patients, pack, unpack
from clinic.outcomes.filters import Filters, address, options, read

CLINICIANS = {"A" * 22: "Lena Marchetti"}


def five(**columns: object) -> Clinic:
    """Five patients, the last with two courses; every second one a man."""
    pairs = [(50, {"PRIMARY": 30})] * 6
    of = evaluation(
        *pairs,
        patient_id=[1, 2, 3, 4, 5, 5],
        number=[1, 1, 1, 1, 1, 2],
        is_index=[True, True, True, True, True, False],
        first_infusion_on=pd.to_datetime(
            ["2024-12-31", "2025-01-01", "2025-03-31", "2025-04-01", "2025-04-02", "2026-01-05"]
        ),
        infusions=[1, 3, 4, 6, 7, 6],
    )
    facts = {
        "patient_id": of.courses["patient_id"],
        "age": pd.array([34, 35, 49, 50, None, 60], dtype="Int64"),
        "gender": ["female", "male", "female", "male", "not_recorded", "not_recorded"],
        "psychotherapy": ["yes", "no", "not_recorded", "yes", "yes", "no"],
        "mg_per_kg": [0.494, 0.4996, 0.8, np.nan, 1.2, 0.1],
        "prescriber_id": pd.array([7, 8, 7, None, 7, 8], dtype="Int64"),
    }
    return clinic(of, **{**facts, **columns})  # type: ignore[arg-type]


def patients(filters: Filters, clinician_id: int | None = None) -> list[int]:
    return chosen(five(), filters, clinician_id).evaluation.courses["patient_id"].tolist()


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(), [1, 2, 3, 4, 5, 5]),
        (Filters(gender="female"), [1, 3]),
        (Filters(gender="not_recorded"), [5, 5]),
        (Filters(psychotherapy="yes"), [1, 4, 5, 5]),
        (Filters(age="under-35"), [1]),
        (Filters(age="35-49"), [2, 3]),
        (Filters(age="50-up"), [4]),
        (Filters(dose="under-0.5"), [1]),
        (Filters(dose="0.5-0.8"), [2]),
        (Filters(dose="0.8-up"), [3, 5, 5]),
        (Filters(infusions="1-3"), [1, 2]),
        (Filters(infusions="4-5"), [3]),
        (Filters(infusions="6"), [4]),
        (Filters(infusions="7-up"), [5, 5]),
        (Filters(since="2025-Q1"), [2, 3, 4, 5, 5]),
        (Filters(until="2025-Q1"), [1, 2, 3]),
        (Filters(since="2025-Q1", until="2025-Q1"), [2, 3]),
        (Filters(since="2026-Q1"), []),
        (Filters(gender="male", psychotherapy="yes"), [4]),
    ],
)
def test_a_patient_is_chosen_by_her_first_course_and_keeps_them_all(filters: Filters, expected: list[int]) -> None:
    assert patients(filters) == expected


def test_a_clinician_is_the_one_who_ordered_the_first_infusion() -> None:
    asked = Filters(clinician="A" * 22)
    assert patients(asked, 7) == [1, 3, 5, 5]
    assert patients(asked, 8) == [2]
    assert patients(asked, None) == [], "an account that is gone chooses nobody"


@pytest.mark.parametrize("bands", [AGE, DOSE, INFUSIONS])
def test_every_value_is_in_one_band(bands: tuple[Band, ...]) -> None:
    values = pd.Series([1, 3, 3.99, 4, 6, 7, 18, 34, 35, 49, 50, 90, 0.499, 0.5, 0.799, 0.8, 2.0])
    values = values[values >= 1] if bands is INFUSIONS else values
    held = sum(holds(band, values).astype(int) for band in bands)
    assert (held == 1).all()
    assert not any(holds(band, pd.Series([np.nan])).any() for band in bands)


def test_what_is_chosen_takes_its_sessions_and_events_along() -> None:
    some = sessions({"course_id": 1}, {"course_id": 2}, {"course_id": 6})
    whole = five(sessions=some, events=events({"infusion_id": 1}, {"infusion_id": 3, "term": "Anxiety"}))
    kept = of_patients(whole, pd.Series([5]))
    assert kept.sessions["infusion_id"].tolist() == [3]
    assert kept.events["term"].tolist() == ["Anxiety"]
    assert kept.facts["gender"].tolist() == ["not_recorded"] * 2
    assert kept.facts.index.tolist() == kept.evaluation.courses.index.tolist() == [0, 1]
    assert {len(window) for window in kept.evaluation.windows.values()} == {2}


class TestAddress:
    def test_it_is_read_back(self) -> None:
        filters = Filters("2024-Q3", "2025-Q2", "A" * 22, "yes", "0.5-0.8", "4-5", "female", "50-up")
        said = address(filters, window="last", preset="")
        asked = dict(part.split("=") for part in said.split("&"))
        assert read(asked, CLINICIANS) == filters
        assert asked["window"] == "last"
        assert "preset" not in asked

    @pytest.mark.parametrize(
        "asked",
        [
            {"gender": "women"},
            {"age": "37"},
            {"since": "2025-03-01"},
            {"since": "2025-Q5"},
            {"until": "' OR 1=1"},
            {"clinician": "B" * 22},
            {"dose": "\x00", "infusions": "🌊" * 999},
        ],
    )
    def test_what_is_not_known_is_left_out(self, asked: dict[str, str]) -> None:
        assert read(asked, CLINICIANS) == Filters()

    def test_it_is_said_in_words(self) -> None:
        filters = Filters(since="2025-Q1", clinician="A" * 22, age="50-up", gender="male")
        assert filters.words(CLINICIANS) == [
            ("First infusion from", "Jan – Mar 2025"),
            ("Clinician", "Lena Marchetti"),
            ("Gender", "Men"),
            ("Age", "50 and over"),
        ]
        assert filters.any
        assert not Filters().any
        assert options("since", {}) == {}


class TestExtract:
    def test_a_clinic_is_the_same_after_packing(self) -> None:
        whole = five(
            left_on=pd.to_datetime([None, "2025-05-01", None, None, None, None]),
            sessions=sessions({"minutes": np.nan}, {"music": "yes", "preparation": True}),
            events=events({"term": "Panik · 恐慌"}),
            answers=pd.DataFrame([[np.nan, *[3.0] * 19], [0.0] * 20], index=[4, 11], columns=range(1, 21)),
        )
        same(whole, unpack(pack(whole), VA))

    def test_an_empty_clinic_is_packed_too(self) -> None:
        empty = clinic(evaluation())
        same(empty, unpack(pack(empty), VA))

    def test_it_runs_no_code_and_is_small(self) -> None:
        packed = pack(clinic(evaluation(*[(50, dict.fromkeys(DAYS, 30))] * 500)))
        assert packed[:2] == b"PK"
        assert b"pickle" not in packed
        assert len(packed) < 70_000


def same(one: Clinic, other: Clinic) -> None:
    """Every frame, value by value, whatever the units of their days."""
    for name in ("facts", "sessions", "events"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name), check_dtype=False)
    np.testing.assert_array_equal(one.answers.to_numpy(), other.answers.to_numpy())
    assert one.answers.index.tolist() == other.answers.index.tolist()
    pd.testing.assert_frame_equal(one.evaluation.courses, other.evaluation.courses, check_dtype=False)
    assert list(one.evaluation.windows) == list(other.evaluation.windows)
    for name, window in one.evaluation.windows.items():
        pd.testing.assert_frame_equal(window, other.evaluation.windows[name], check_dtype=False)
    assert (one.as_of, one.registered, one.criteria) == (other.as_of, other.registered, other.criteria)
    assert replace(one, as_of=date(2020, 1, 1)).as_of != other.as_of
