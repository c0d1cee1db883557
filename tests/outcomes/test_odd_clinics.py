"""Clinics of which little can be said: every panel, table and file of theirs still says something, and nothing untrue."""

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from builders import make_course, make_infusion, make_patient, make_pcl5, make_user
from django.test import Client

from clinic.policy import Role
from patients.models import CriterionA

pytestmark = pytest.mark.django_db
LAST_INFUSION = date(2025, 3, 14)


def treated(baseline: int | None, *endpoints: tuple[int, int], criterion_a: str = CriterionA.MET) -> None:
    """A patient with one infusion; `endpoints` are (days after it, total)."""
    patient = make_patient(criterion_a=criterion_a)
    make_infusion(make_course(patient), LAST_INFUSION)
    if baseline is not None:
        make_pcl5(patient, LAST_INFUSION - timedelta(days=5), baseline)
    for day, total in endpoints:
        make_pcl5(patient, LAST_INFUSION + timedelta(days=day), total)


def nobody_eligible() -> None:
    for number in range(12):
        treated(None if number % 2 else 20, (20, 10))
    treated(60, (20, 10), criterion_a=CriterionA.NOT_MET)


def one_patient() -> None:
    treated(60, (20, 20))


def all_missing() -> None:
    for _ in range(12):
        treated(60)


def all_tied() -> None:
    for _ in range(12):
        treated(50, (20, 50), (90, 50))


def all_the_same_change() -> None:
    for number in range(12):
        treated(50 + number, (20, 30 + number), (90, 30 + number))


def everyone_responds_and_nobody_loses_it() -> None:
    for number in range(12):
        treated(60, (20, number), (90, number), (180, number), (365, number))


def everyone_worsens() -> None:
    for number in range(12):
        treated(40, (20, 60 + number))


def registered_alone() -> None:
    make_patient()


CLINICS: list[Callable[[], None]] = [
    nobody_eligible,
    one_patient,
    all_missing,
    all_tied,
    all_the_same_change,
    everyone_responds_and_nobody_loses_it,
    everyone_worsens,
    registered_alone,
]


def words_of(text: str) -> str:
    """What stands on a page, without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", re.sub(r"<script.*?</script>", " ", text, flags=re.DOTALL)).split())


@pytest.mark.parametrize("made", CLINICS, ids=lambda made: made.__name__)
def test_it_says_something_true(client: Client, made: Callable[[], None]) -> None:
    made()
    client.force_login(make_user(Role.MEDICAL_DIRECTOR))
    files: set[str] = set()
    for path in ("/outcomes/", "/outcomes/details/"):
        for window in ("primary", "last", "m12"):
            answer = client.get(path, {"window": window})
            assert answer.status_code == 200
            text = answer.content.decode()
            assert not re.search(r"\bNaN\b|\bnan\b|\binf\b|Infinity", text), path
            said = words_of(text)
            assert not re.search(r"\bNone\b(?! recorded)", said), path
            assert not re.search(r"\b0 of 0 · 0 %|0 of 0, 0 %|\bn 0 0 %", said), said
            for section in re.findall(r'<section class="card tm-figure.*?</section>', text, re.DOTALL):
                title = re.search(r"<h2[^>]*>(.*?)</h2>", section, re.DOTALL)
                assert title
                assert len(title[1].strip()) > 5
                assert "<table" in section
            files |= set(re.findall(r'href="(/outcomes/panels/[^"]+window=primary[^"]*)"', text))
    assert bool(files) == (made is not registered_alone)
    for file in sorted(files):
        answer = client.get(file.replace("&amp;", "&"))
        assert answer.status_code == 200
        assert not re.search(r"\bnan\b|NaN|\binf\b|\bNone\b", answer.content.decode()), file


def test_nobody_lost_response_is_said(client: Client) -> None:
    everyone_responds_and_nobody_loses_it()
    client.force_login(make_user(Role.MEDICAL_DIRECTOR))
    said = words_of(client.get("/outcomes/").content.decode())
    assert "No loss of response was seen by day 345" in said
    assert "12 of 12 · 0 missing" in said
