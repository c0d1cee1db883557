"""The tables as a researcher reads them: long, typed, sorted, and with the clinic's own figures in them."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

import pytest
from builders import make_course, make_infusion, make_patient, make_pcl5, make_treated_patient
from django.db import connection
from opened import UNTIL, Opened, opened

from assessments.models import Assessment
from clinic.outcomes import selectors
from clinic.outcomes.report import Wanted, report
from clinic.outcomes.response import evaluate
from clinic.profile.zone import in_clinic_time
from clinic.transfer.research.suppression import FEWEST_PATIENTS
from infusions.models import Infusion, Phase, Status
from patients.models import IndexEvent, Patient

WINDOWS = ("eos", "primary", "m3", "m6", "m12", "last")
pytestmark = pytest.mark.django_db


@pytest.mark.usefixtures("clinic")
class TestAMadeClinic:
    """Sixty patients with everything recorded."""

    @pytest.fixture(scope="class")
    def out(self, clinic: None) -> Opened:
        return opened()

    def test_readings_are_long_typed_and_sorted(self, out: Opened) -> None:
        readings = out.table("readings")
        assert readings.dtypes.astype(str).to_dict() == {
            **dict.fromkeys(readings.columns, "Int64"),
            **dict.fromkeys(["study_id", "role"], "str"),
        }
        keys = readings[["study_id", "course", "day"]]
        assert keys.equals(keys.sort_values(["study_id", "course", "day"], kind="stable"))
        since = readings.merge(out.table("courses")[["study_id", "course", "days_since_first_course"]])
        since["day"] += since["days_since_first_course"]
        assert len(since) == len(readings)
        assert not since.duplicated(["study_id", "day", "recall_days"]).any(), "one row for each reading"
        assert len(readings) == out.settings["counts"]["readings"]
        assert readings["day_after_last"].dropna().min() >= 0
        after = readings.dropna(subset="day_after_last")
        assert (after["day_after_last"] <= after["day"]).all()

    def test_scores_add_up(self, out: Opened) -> None:
        readings = out.table("readings")
        whole = readings[readings["prorated"] == 0]
        assert (whole.filter(like="item_").sum(axis=1) == whole["total"]).all()
        assert (whole.filter(like="cluster_").sum(axis=1) == whole["total"]).all()
        partly = readings[readings["prorated"] == 1]
        assert len(partly)
        assert partly.filter(like="item_").isna().any(axis=1).all()
        assert partly.filter(like="cluster_").isna().any(axis=1).all()

    def test_endpoints_and_baselines_are_those_of_the_courses(self, out: Opened) -> None:
        readings, courses = out.table("readings"), out.table("courses").set_index(["study_id", "course"])
        roles = readings.set_index(["study_id", "course"])
        for window in WINDOWS:
            ends = roles[roles["role"].fillna("").str.split(";").map(lambda words, at=window: at in words)]
            known = courses[courses[f"{window}_total"].notna()]
            assert ends["total"].to_dict() == known[f"{window}_total"].to_dict()
            assert ends["day_after_last"].to_dict() == known[f"{window}_day"].to_dict()
        based = readings.dropna(subset="baseline_of_course").set_index(["study_id", "baseline_of_course"])
        assert based["total"].to_dict() == courses["baseline_total"].dropna().to_dict()
        assert (based.loc[based["role"] == "baseline", "day"] <= 0).all()

    @pytest.mark.parametrize("as_of", [UNTIL, date(2026, 1, 15)])
    def test_the_figures_are_those_of_the_report(self, as_of: date) -> None:
        courses = opened(as_of=as_of).table("courses")
        for window in WINDOWS:
            with in_clinic_time():
                said = report(Wanted([window]), as_of)
            first = courses[(courses["course"] == 1) & (courses["eligible"] == 1)]
            pairs = first[first[f"{window}_total"].notna()]
            assert len(first) == said["eligible"]
            for outcome in ("response", "remission"):
                counted = said[outcome]["x"], said[outcome]["n"]
                assert (pairs[f"{window}_{outcome}"].sum(), len(pairs)) == counted, window
            assert (pairs["baseline_total"] - pairs[f"{window}_total"]).equals(pairs[f"{window}_reduction"])

    def test_infusions_belong_to_their_courses(self, out: Opened) -> None:
        infusions, courses = out.table("infusions"), out.table("courses").set_index(["study_id", "course"])
        by_course = infusions.groupby(["study_id", "course"])
        assert by_course.size().to_dict() == courses["infusions"].to_dict()
        assert (by_course["day"].first() == 0).all()
        last = infusions[infusions["phase"] == "induction"].groupby(["study_id", "course"])["day"].max()
        assert last.to_dict() == courses["days_in_series"].to_dict()
        assert set(infusions["phase"]) == set(Phase.values)
        assert by_course["session"].agg(list).map(lambda numbers: numbers == list(range(1, len(numbers) + 1))).all()

    def test_events_belong_to_their_infusions(self, out: Opened) -> None:
        events = out.table("adverse_events").merge(
            out.table("infusions"), how="left", on=["study_id", "course", "session"]
        )
        assert len(events)
        assert events["phase"].notna().all()

    def test_no_small_group_is_left(self, out: Opened) -> None:
        coarse = {"courses": ["age_band", "gender", "psychotherapy", "medications"]}
        coarse["adverse_events"] = ["term", "ctcae_grade", "serious"]
        for name, columns in coarse.items():
            table = out.table(name)
            for column in columns:
                shown = table.groupby(column)["study_id"].nunique()
                assert len(shown) == 1 or shown.min() >= FEWEST_PATIENTS, column
        pooled = out.settings["suppression"]["pooled"]
        assert {one["column"] for one in pooled} >= {"term"}
        for one in pooled:
            table = out.table(one["file"].removesuffix(".csv"))
            assert (table[one["column"]] == one["written_as"]).sum() == one["rows"] > 0

    def test_dose_and_weight_cannot_be_told_apart(self, out: Opened) -> None:
        for line in out.files["infusions.csv"].splitlines()[1:]:
            ratio = line.split(",")[5]
            assert len(ratio.partition(".")[2]) <= 2
        columns = {row["column"] for row in out.dictionary}
        assert not {column for column in columns if "weight" in column or column.endswith("_mg") or column == "mg"}

    def test_one_label_gives_the_same_ids_and_another_none_of_them(self, out: Opened, settings: Any) -> None:
        again, other = opened(), opened("another")
        without = {name: text for name, text in again.files.items() if name != "settings.json"}
        assert without == {name: text for name, text in out.files.items() if name != "settings.json"}
        assert not set(other.study_ids) & set(out.study_ids)
        assert not set(opened(None).study_ids) & set(opened(None).study_ids), "without a label nobody comes again"
        settings.SECRET_KEY = "l" * 60
        assert not set(opened().study_ids) & set(out.study_ids), "another clinic, another key"

    def test_rows_stand_in_the_order_of_study_ids(self, out: Opened) -> None:
        assert out.study_ids == sorted(out.study_ids)
        treated = Patient.objects.filter(pk__in=selectors.courses_of(None)["patient_id"].tolist())
        assert len(out.study_ids) == treated.count()
        assert {len(study_id) for study_id in out.study_ids} == {16}

    def test_the_settings_say_under_which_definition(self, out: Opened) -> None:
        in_force = selectors.criteria_in_force()
        assert out.settings["criteria"] == in_force.values | {"windows": out.settings["criteria"]["windows"]}
        assert (out.settings["preset"], out.settings["settings_version"]) == (in_force.preset, in_force.number)
        assert (out.settings["label"], out.settings["as_of"]) == ("ptsd", "2026-06-30")
        assert out.settings["same_study_ids_under_this_label"] is True
        assert opened(None).settings["same_study_ids_under_this_label"] is False


def at(day: date, hour: int, minute: int = 30) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZoneInfo("America/New_York"))


def treated(*moments: datetime, **fields: Any) -> Patient:
    patient = make_patient(**fields)
    course = make_course(patient)
    for moment in moments:
        make_infusion(course, moment.date(), started_at=moment)
    return patient


def others(count: int = FEWEST_PATIENTS - 1) -> None:
    for _ in range(count):
        treated(at(date(2025, 5, 5), 10))


def only(out: Opened, name: str) -> Any:
    """The rows of the one patient who has readings."""
    (patient,) = out.table("readings")["study_id"].unique()
    table = out.table(name)
    return table[table["study_id"] == patient]


def test_days_are_those_of_the_clinics_calendar() -> None:
    """Half past eleven at night is the next day in UTC, and the clock changed between."""
    patient = treated(at(date(2025, 3, 8), 23), at(date(2025, 3, 10), 0), at(date(2025, 3, 31), 23))
    make_pcl5(patient, date(2025, 3, 1), 50)
    make_pcl5(patient, date(2025, 3, 8), 49, form="week")  # only the day is known: before the infusion
    make_pcl5(patient, date(2025, 3, 31), 40, form="week")
    make_pcl5(patient, date(2025, 4, 1), 35, form="week")
    others()
    out = opened()
    readings = only(out, "readings")
    assert readings["day"].tolist() == [-7, 0, 23, 24]
    assert readings["day_after_last"].fillna(-1).tolist() == [-1, -1, 0, 1]
    assert readings["role"].fillna("").tolist() == ["baseline", "", "", "eos;last"]
    assert readings["covers_pretreatment"].tolist() == [1, 1, 0, 0]
    assert only(out, "infusions")["day"].tolist() == [0, 2, 23]
    assert only(out, "courses")["days_in_series"].tolist() == [23]


def test_another_clock_another_day(settings: Any) -> None:
    patient = treated(at(date(2025, 3, 8), 23), at(date(2025, 3, 10), 0))
    make_pcl5(patient, date(2025, 3, 1), 50)
    others()
    settings.CLINIC_TIME_ZONE = settings.TIME_ZONE = "Asia/Tokyo"
    out = opened()
    assert only(out, "readings")["day"].tolist() == [-8]
    assert only(out, "infusions")["day"].tolist() == [0, 1]


def test_a_second_course_and_the_form_between() -> None:
    """The form between two courses is one row: a follow-up of the first, and the baseline of the second."""
    patient = treated(at(date(2025, 3, 3), 10), date_of_birth=date(1990, 6, 1))
    make_infusion(make_course(patient, number=2), date(2025, 7, 1))
    for day, total in ((date(2025, 2, 20), 60), (date(2025, 6, 20), 45), (date(2025, 7, 22), 20)):
        make_pcl5(patient, day, total)
    for _ in range(FEWEST_PATIENTS - 1):
        treated(at(date(2025, 5, 5), 10), date_of_birth=date(1990, 6, 1))
    out = opened()
    readings = only(out, "readings")
    assert readings["course"].tolist() == [1, 1, 2]
    assert readings["role"].tolist() == ["baseline", "m3;last", "primary;last"]
    assert readings["baseline_of_course"].fillna(0).tolist() == [1, 2, 0]
    courses = only(out, "courses")
    assert courses["days_since_first_course"].tolist() == [0, 120]
    assert courses["baseline_total"].tolist() == [60, 45]
    assert courses["age_band"].tolist() == ["under-35"] * 2, "thirty-five between the two courses, and it does not show"


def test_a_form_about_another_event_is_left_out() -> None:
    patient = treated(at(date(2025, 3, 3), 10))
    one, other = (IndexEvent.objects.create(patient=patient, description=words) for words in ("A crash", "A fire"))
    make_pcl5(patient, date(2025, 2, 1), 70, index_event=other)
    make_pcl5(patient, date(2025, 2, 20), 60, index_event=one)
    make_pcl5(patient, date(2025, 3, 20), 40, index_event=one)
    make_pcl5(patient, date(2025, 4, 20), 30, index_event=other)
    others()
    assert only(opened(), "readings")["total"].tolist() == [60, 40]


def test_what_was_not_given_or_is_voided_or_later_is_left_out() -> None:
    patient = treated(at(date(2025, 3, 3), 10), at(date(2025, 3, 6), 10), at(date(2026, 7, 5), 10))
    course = Infusion.objects.filter(course__patient=patient).first().course
    for day, fields in (
        (7, {"status": Status.CANCELLED, "dose_mg_given": None}),
        (8, {"dose_mg_given": 0}),
        (9, {"voided_at": at(date(2025, 3, 9), 12), "void_reason": "typed twice"}),
    ):
        make_infusion(course, date(2025, 3, day), **fields)
    form = make_pcl5(patient, date(2025, 2, 20), 60)
    make_pcl5(patient, date(2025, 2, 21), 61)
    type(form).objects.filter(pk=form.pk).update(voided_at=form.entered_at)
    others()
    out = opened()
    assert only(out, "readings")["total"].tolist() == [61]
    assert only(out, "infusions")["day"].tolist() == [0, 3]
    assert only(out, "infusions")["mg_per_kg"].tolist() == [0.5, 0.5]


@pytest.mark.parametrize(("count", "band"), [(None, "not_recorded"), (2, "2"), (3, "3+")])
def test_medicines_are_counted_up_to_three(count: int | None, band: str) -> None:
    for _ in range(FEWEST_PATIENTS):
        treated(at(date(2025, 5, 5), 10), psychiatric_medications_at_intake=count)
    out = opened()
    courses = out.table("courses")
    assert set(courses["medications"]) == {band}
    assert courses["baseline_total"].isna().all()
    assert len(out.table("readings")) == len(out.table("adverse_events")) == 0


def test_a_form_before_the_only_infusion_is_not_after_the_last() -> None:
    """A day is a day, however long: 25 hours lie between noon and noon of the day after."""
    patient = treated(at(date(2025, 11, 1), 12))
    make_pcl5(patient, date(2025, 11, 1), 50)
    make_pcl5(patient, date(2025, 11, 2), 45, form="week")
    others()
    readings = only(opened(), "readings")
    assert readings["day"].tolist() == [0, 1]
    assert readings["day_after_last"].fillna(-1).tolist() == [-1, 1]


@pytest.mark.django_db(transaction=True)
def test_what_is_saved_while_it_reads_is_in_no_file() -> None:
    """Totals are read before items: both must be of one moment."""

    def evaluate_while_somebody_saves(*arguments: Any) -> Any:
        with ThreadPoolExecutor(1) as pool:
            pool.submit(correct_everything).result(timeout=4)
        return evaluate(*arguments)

    def correct_everything() -> None:
        Assessment.objects.update(answers=[0] * 20)
        connection.close()

    for _ in range(FEWEST_PATIENTS):
        make_treated_patient()
    with patch("clinic.transfer.research.records.evaluate", evaluate_while_somebody_saves):
        before = opened().table("readings")
    assert (before.filter(like="item_").sum(axis=1) == before["total"]).all()
    assert opened().table("readings").filter(like="item_").sum(axis=None) == 0, "and the next one has it"
