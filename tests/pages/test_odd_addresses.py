"""What stands behind the question mark is anybody's: nothing there breaks a page or is shown as it came."""

import pytest
from builders import make_user
from django.test import Client
from full_patient import make_full_patient
from page_table import rows

from clinic.policy import Role

pytestmark = pytest.mark.django_db
#: Every name that some page reads, and what may be typed there.
NAMES = (
    "page",
    "of",
    "window",
    "status",
    "state",
    "order",
    "form",
    "instrument",
    "list",
    "after",
    "before",
    "range",
    "q",
    "on",
    "clinician",
    "step",
    "editing",
    "others",
)
ODD = (
    "",
    "0",
    "-1",
    "99999999999999999999",
    "x" * 5_000,
    "\0",
    "😀",
    "\u202eabc",
    "<script>alert(1)</script>",
    "' OR 1=1 --",
    "=CMD()",
    "2026-02-30",
    "../../etc/passwd",
)


@pytest.mark.parametrize("name", [row.name for row in rows() if "200" in row.get and ":" in row.name])
def test_odd_parameters_break_no_page(name: str) -> None:
    address = make_full_patient().address(name)
    client = Client()
    client.force_login(make_user(Role.MEDICAL_DIRECTOR, Role.ADMINISTRATOR))
    for odd in ODD:
        response = client.get(address, dict.fromkeys(NAMES, odd))
        assert response.status_code in {200, 204, 404, 422}, (name, odd)  # 204: an open page knows everything already
        assert b"<script>alert" not in response.content


@pytest.mark.parametrize("wrong", ["%00" * 22, "a" * 21, "a" * 23, "😀" * 22, "..%2f..%2fetc%2fpasswd"])
def test_an_address_that_is_no_id_is_not_found(wrong: str) -> None:
    client = Client()
    client.force_login(make_user(Role.MEDICAL_DIRECTOR))
    for address in (f"/patients/{wrong}/", f"/patients/{wrong}/edit/", f"/people/{wrong}/"):
        assert client.get(address).status_code == 404
