"""The clinic's own settings, and its time zone: which day a moment falls on, everywhere."""

import threading
from datetime import UTC, date, datetime
from typing import Any

import pytest
from bad_input import bad_values, odd_text
from builders import make_course, make_infusion, make_patient, make_pcl5, make_user
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.html import escape

from clinic.audit.models import AuditEvent
from clinic.models import User
from clinic.outcomes.models import CourseOutcome, WindowOutcome
from clinic.outcomes.selectors import criteria_in_force, stale_patients
from clinic.policy import Role
from clinic.profile.models import ClinicProfile
from clinic.profile.selectors import current_profile
from clinic.profile.services import change_profile
from clinic.profile.signals import time_zone_changed
from clinic.profile.zone import in_clinic_time, zone_in_force, zone_names
from clinic.versions import StaleEditError
from infusions.services import record_infusion
from patients.models import Patient

pytestmark = pytest.mark.django_db
#: 23:30 on 3 March in Chicago, 00:30 on 4 March in New York.
LATE = datetime(2025, 3, 4, 5, 30, tzinfo=UTC)
NOW = datetime(2026, 6, 1, 15, 0, tzinfo=UTC)
TYPED = {"name": "Harbor Lane Clinic", "time_zone": "America/Chicago", "crisis_text": "Call 988.", "version": 0}


@pytest.fixture
def page(client: Client) -> Client:
    client.force_login(make_user(Role.ADMINISTRATOR))
    return client


def set_zone(name: str) -> ClinicProfile:
    current = current_profile()
    kept = {"name": current.name, "crisis_text": current.crisis_text}
    return change_profile(actor=None, version=current.number, now=NOW, time_zone=name, **kept)


def test_before_anybody_set_it_the_environment_speaks(settings: Any) -> None:
    settings.CLINIC_TIME_ZONE = "America/Denver"
    profile = current_profile()
    assert (profile.number, profile.name, profile.time_zone) == (0, "", "America/Denver")
    assert "988" in profile.crisis_text
    set_zone("Europe/Berlin")
    assert current_profile().time_zone == "Europe/Berlin"


def test_a_change_is_a_new_version_and_the_old_one_stays(page: Client) -> None:
    assert page.get("/settings/").status_code == 200
    assert page.post("/settings/", TYPED).status_code == 303
    assert page.post("/settings/", {**TYPED, "name": "Harbor", "version": 1}).status_code == 303
    assert list(ClinicProfile.objects.order_by("number").values_list("number", "name")) == [
        (1, "Harbor Lane Clinic"),
        (2, "Harbor"),
    ]
    event = AuditEvent.objects.filter(action="change clinic profile").latest("id")
    assert event.detail == {"changes": {"name": ["Harbor Lane Clinic", "Harbor"]}}
    text = page.get("/settings/").content.decode()
    assert "Version 2" in text
    assert "Version 1" in text


def test_saving_what_is_there_makes_no_version(page: Client) -> None:
    page.post("/settings/", TYPED)
    assert page.post("/settings/", {**TYPED, "version": 1}).status_code == 303
    assert ClinicProfile.objects.count() == 1
    assert AuditEvent.objects.filter(action="change clinic profile").count() == 1


def test_a_stale_edit_shows_both_texts_and_can_be_saved_then(page: Client) -> None:
    page.post("/settings/", TYPED)
    mine = {**TYPED, "name": "Mine", "time_zone": "America/Denver"}
    response = page.post("/settings/", mine)
    text = response.content.decode()
    assert response.status_code == 409
    for said in ("Mine", "Harbor Lane Clinic", "America/Denver", "America/Chicago", "Saved now"):
        assert said in text
    assert ClinicProfile.objects.count() == 1
    assert page.post("/settings/", {**mine, "version": 1}).status_code == 303
    assert current_profile().name == "Mine"


def test_a_form_sent_twice_is_one_change(page: Client) -> None:
    assert page.post("/settings/", TYPED).status_code == 303
    assert page.post("/settings/", TYPED).status_code == 409
    assert ClinicProfile.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", value) for _, value in bad_values("text")]
    + [("name", "x" * 101), ("crisis_text", "x" * 501)]
    + [("crisis_text", value) for _, value in bad_values("note")]
    + [("time_zone", value) for _, value in bad_values("choice")]
    + [("time_zone", value) for value in ("", "../passwd", "Mars/Olympus", "america/new_york", "Etc/GMT+5")]
    + [("version", value) for value in ("", "-1", "x", "9" * 40)],
)
def test_what_cannot_be_kept_is_refused_beside_its_field(page: Client, field: str, value: str) -> None:
    response = page.post("/settings/", {**TYPED, field: value})
    assert response.status_code == (409 if field == "version" and value == "9" * 40 else 422)
    assert not ClinicProfile.objects.exists()
    text = response.content.decode()
    if field != "version":
        assert field in response.context["form"].errors
    if field == "crisis_text" and "\x00" not in value:
        assert escape(value) in text
    if field != "name":
        assert "Harbor Lane Clinic" in text


@pytest.mark.parametrize("text", [value for _, value in odd_text()])
def test_odd_text_is_kept_and_shown_inert(page: Client, text: str) -> None:
    assert page.post("/settings/", {**TYPED, "name": text, "crisis_text": text}).status_code == 303
    profile = current_profile()
    assert (profile.name, profile.crisis_text) == (text, text)
    assert escape(text) in page.get("/settings/").content.decode()
    assert escape(text) in Client().get("/account/sign-in/").content.decode()


def test_only_an_administrator_gets_in(client: Client) -> None:
    for role in (Role.INTAKE, Role.CLINICIAN, Role.MEDICAL_DIRECTOR):
        client.force_login(make_user(role))
        assert client.get("/settings/").status_code == 403
        assert client.post("/settings/", TYPED).status_code == 403
    assert not ClinicProfile.objects.exists()


def test_every_zone_of_the_list_exists_and_the_strange_ones_are_left_out() -> None:
    names = zone_names()
    assert {"America/New_York", "Pacific/Honolulu", "Asia/Kathmandu", "UTC"} <= names
    assert not {"Etc/GMT+5", "localtime", "Factory", "EST"} & names


def test_a_page_and_a_command_speak_in_the_clinics_time(page: Client) -> None:
    set_zone("Asia/Tokyo")
    [user] = User.objects.all()
    User.objects.filter(pk=user.pk).update(last_login=datetime(2026, 1, 1, 20, 0, tzinfo=UTC))
    assert "2 Jan 2026, 05:00" in page.get("/people/").content.decode()
    assert str(zone_in_force()) == "America/New_York", "outside nothing stays switched"

    @in_clinic_time()
    def zone_inside() -> str:
        return str(zone_in_force())

    assert zone_inside() == "Asia/Tokyo"
    set_zone("Europe/Berlin")
    assert zone_inside() == "Europe/Berlin", "read on each call, not when it was decorated"


def test_the_profile_costs_a_page_one_query(page: Client) -> None:
    with CaptureQueriesContext(connection) as asked:
        page.get("/")
    assert len([query for query in asked if "clinicprofile" in query["sql"]]) == 1


def test_an_infusion_late_in_the_evening_falls_on_the_clinics_day() -> None:
    patient = make_patient()
    make_pcl5(patient, date(2025, 2, 20), 54)
    infusion = make_infusion(make_course(patient), date(2025, 3, 3))
    infusion.started_at = LATE
    infusion.save()
    call_command("recompute_outcomes", "--all", verbosity=0)
    assert CourseOutcome.objects.get().first_infusion_on == date(2025, 3, 4)


@pytest.mark.django_db(transaction=True)
def test_another_zone_recomputes_day_counts_and_windows(client: Client) -> None:
    patient = make_patient()
    make_pcl5(patient, date(2025, 2, 20), 54)
    record_infusion(
        actor=None, course=make_course(patient), now=NOW, started_at=LATE, weight_kg=80, dose_mg_given=40, minutes=40
    )
    assert CourseOutcome.objects.get().last_infusion_on == date(2025, 3, 4)
    versions = dict(Patient.objects.values_list("pk", "record_version"))
    client.force_login(make_user(Role.ADMINISTRATOR))
    assert client.post("/settings/", TYPED).status_code == 303
    assert CourseOutcome.objects.get().last_infusion_on == date(2025, 3, 3)
    assert WindowOutcome.objects.get(window="PRIMARY").opens_on == date(2025, 3, 17)
    assert dict(Patient.objects.values_list("pk", "record_version")) == {pk: old + 1 for pk, old in versions.items()}
    assert not stale_patients(criteria_in_force().number).exists()


def test_another_name_leaves_the_outcomes_alone(page: Client) -> None:
    patient = make_patient()
    before = Patient.objects.get(pk=patient.pk).record_version
    assert page.post("/settings/", {**TYPED, "time_zone": "America/New_York"}).status_code == 303
    assert Patient.objects.get(pk=patient.pk).record_version == before


def test_in_a_large_clinic_every_patient_is_stale_until_the_sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clinic.outcomes.background.NEWS_AT_ONCE", 2)
    for _ in range(3):
        make_patient()
    call_command("recompute_outcomes", verbosity=0)
    assert not stale_patients(criteria_in_force().number).exists()
    set_zone("America/Chicago")
    assert stale_patients(criteria_in_force().number).count() == 3
    call_command("recompute_outcomes", verbosity=0)
    assert not stale_patients(criteria_in_force().number).exists()


def test_a_change_whose_outcomes_cannot_be_marked_does_not_happen() -> None:
    def fail(**_signal: Any) -> None:
        raise RuntimeError("no")

    time_zone_changed.connect(fail)
    try:
        with pytest.raises(RuntimeError):
            set_zone("America/Chicago")
    finally:
        time_zone_changed.disconnect(fail)
    assert not ClinicProfile.objects.exists()
    assert not AuditEvent.objects.filter(action="change clinic profile").exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_changes_at_once_one_is_told() -> None:
    start, results = threading.Barrier(2), []

    def change(name: str) -> None:
        try:
            start.wait(10)
            change_profile(actor=None, version=0, now=NOW, name=name, time_zone="America/Chicago", crisis_text="")
            results.append("saved")
        except StaleEditError:
            results.append("stale")
        finally:
            connection.close()

    threads = [threading.Thread(target=change, args=(name,), daemon=True) for name in ("A", "B")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(results) == ["saved", "stale"]
    assert ClinicProfile.objects.count() == 1


def test_no_page_is_left_in_the_zone_of_another(page: Client) -> None:
    set_zone("Asia/Tokyo")
    page.get("/settings/")
    page.get("/nothing-here/")
    assert timezone.get_current_timezone_name() == "America/New_York"
