"""The house itself, read from its models: rules that hold for every table and every foreign key."""

from pathlib import Path

import pytest
from django.apps import apps
from django.db import models

ROOT = Path(__file__).resolve().parent.parent.parent
CLINICAL = ("patients", "infusions", "assessments")
OURS = [
    model
    for config in apps.get_app_configs()
    if Path(config.path).parent in {ROOT, ROOT / "clinic"}
    for model in config.get_models(include_auto_created=True)
]
#: Kept beside the records they bear on: the clinic's own settings, which speak of no patient, what is yet to be counted, and
#: what is reached only through its infusion: the log of a session, the drug it took, who has it open.
NO_RECORDS = {
    "infusions.LimitsVersion",
    "infusions.SessionEvent",
    "infusions.SessionPresence",
    "infusions.StockEntry",
    "patients.RecordChange",
}
OF_CLINICAL_APPS = [
    model for model in OURS if model._meta.app_label in CLINICAL and model._meta.label not in NO_RECORDS
]


def name(model: type[models.Model]) -> str:
    return model._meta.label


def test_the_models_are_found() -> None:
    assert {model._meta.app_label for model in OURS} >= {*CLINICAL, "audit", "clinic", "outcomes"}


@pytest.mark.parametrize("model", OURS, ids=name)
def test_a_key_to_another_app_has_no_reverse_name(model: type[models.Model]) -> None:
    """A reverse relation lets the lower app reach up where import-linter cannot see it."""
    keys = [field for field in model._meta.get_fields() if field.is_relation and not field.auto_created]
    seen = [
        field.name
        for field in keys
        if field.related_model._meta.app_label != model._meta.app_label
        and not (field.remote_field.related_name or "").endswith("+")
    ]
    assert not seen, 'give them related_name="+"'


@pytest.mark.parametrize("model", OURS, ids=name)
def test_a_model_has_no_order_of_its_own(model: type[models.Model]) -> None:
    assert not model._meta.ordering, "each query names its order, with a unique tie-break"


@pytest.mark.parametrize("model", OF_CLINICAL_APPS, ids=name)
def test_a_clinical_record_has_a_public_id(model: type[models.Model]) -> None:
    field = model._meta.get_field("public_id")
    assert field.unique
    assert not field.editable
    assert len(field.get_default()) == 22
    assert field.get_default() != field.get_default()


def test_no_clinical_model_is_in_the_admin() -> None:
    assert not apps.is_installed("django.contrib.admin"), (
        "if accounts need it, ask instead that no clinical model is in it"
    )
