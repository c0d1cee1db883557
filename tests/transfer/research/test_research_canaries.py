"""Nothing that could lead to a person leaves, whatever stands in the fields that could (rule 62)."""

from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest
from canaries import DAY, MOMENT, big_ids, fill_everything, found_in, stored_words, unfilled
from opened import Opened, opened

from clinic.transfer.synthetic import batches
from infusions.models import Infusion
from patients.models import Patient


@pytest.fixture(scope="module", autouse=True)
def _large_ids(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with patch.object(batches, "_last_id", big_ids):
        yield
    with django_db_blocker.unblock():
        batches._reset_sequences()


@pytest.mark.django_db
@pytest.mark.usefixtures("clinic")
class TestNothingLeaves:
    """A made clinic with a canary in every identifying field."""

    @pytest.fixture
    def out(self, db: None) -> Opened:
        fill_everything()
        return opened()

    def test_no_canary_no_day_no_id_is_in_any_file(self, out: Opened) -> None:
        assert not unfilled(), "every identifying field has something to find"
        assert out.settings.pop("as_of") == "2026-06-30"
        assert out.settings.pop("extracted_at").startswith("2026-06-30T14:00")
        files = {**out.files, "settings.json": str(out.settings), "names": " ".join(out.files)}
        assert {name: found for name, text in files.items() if (found := found_in(text))} == {}
        words = stored_words()
        assert len(words) > 1_000
        cells = {cell for text in files.values() for line in text.splitlines() for cell in line.split(",")}
        assert not words & cells
        assert not [word for word in words if any(word in text for text in files.values())][:3]

    def test_there_is_something_to_find(self, out: Opened) -> None:
        assert Patient.objects.order_by("pk").values_list("pk", flat=True)[0] > 10**9
        assert Infusion.objects.given().filter(started_at__isnull=False).exists()
        for name in ("readings", "courses", "infusions", "adverse_events"):
            assert len(out.table(name)) > 10


@pytest.mark.parametrize(
    "leak",
    [
        "x,Canary,1",
        "x,9003000001,1",
        f"x,{DAY},1",
        f"x,{DAY:%m/%d/%Y},1",
        f"x,{DAY:%d.%m.%y},1",
        f"x,{DAY:%Y%m%d},1",
        f"x,{DAY:%B} 3,1",
        f"x,3 {DAY:%b},1",
        f"x,{MOMENT.isoformat()},1",
        f"x,{MOMENT:%H:%M},1",
        f"x,{MOMENT.timestamp():.0f},1",
        "x,1984,1",
        "x,american_indian,1",
    ],
)
def test_what_leaks_would_be_found(leak: str) -> None:
    assert found_in(leak)


def test_what_is_harmless_is_not() -> None:
    assert not found_in("bcsmtmgsgsbqbdps,1,-18,,30,,,59,0.79,40.0,VA-10/33,0.1.0,under-35,35-49,3+")
