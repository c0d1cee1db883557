"""Forms that save once and notice a stale edit, on real connections."""

from threading import Barrier, Thread
from typing import Any
from uuid import uuid4

import pytest
from builders import make_patient, make_user
from django.core.exceptions import ValidationError
from django.db import connection
from django.http import HttpRequest, HttpResponse, QueryDict
from django.test import RequestFactory

from clinic.models import User
from clinic.policy import Role
from clinic.web.forms import CreatingForm, EditingForm, LineField
from clinic.web.models import FormReceipt
from clinic.web.saving import create_once, save_edit, status_of
from patients.models import IndexEvent, Patient
from patients.services import add_to_history, amend_history


class EventForm(CreatingForm):
    """A creating form of the tests."""

    description = LineField()


class EventEditForm(EditingForm):
    """An editing form of the tests."""

    description = LineField(label="What happened")


def post(user: User, **typed: Any) -> HttpRequest:
    request = RequestFactory().post("/events/", typed)
    request.user = user
    return request


def save(request: HttpRequest, patient: Patient) -> tuple[EventForm, HttpResponse | None]:
    form = EventForm(request.POST)

    def add() -> str:
        text = form.cleaned_data["description"]
        entry = add_to_history(actor=request.user, entry=IndexEvent(patient=patient, description=text))
        return f"/events/{entry.public_id}/"

    return form, create_once(request, form, add)


@pytest.mark.django_db
class TestSavingOnce:
    def test_the_same_form_again_gets_the_same_answer(self) -> None:
        user, patient, key = make_user(Role.CLINICIAN), make_patient(), str(uuid4())
        answers = [save(post(user, idempotency_key=key, description="A crash"), patient)[1] for _ in range(3)]
        event = IndexEvent.objects.get()
        assert [answer and (answer.status_code, answer["Location"]) for answer in answers] == [
            (303, f"/events/{event.public_id}/")
        ] * 3

    def test_other_content_under_a_used_key_is_a_conflict_that_can_be_gone_on_from(self) -> None:
        user, patient, key = make_user(Role.CLINICIAN), make_patient(), str(uuid4())
        save(post(user, idempotency_key=key, description="A crash"), patient)
        form, answer = save(post(user, idempotency_key=key, description="A fire"), patient)
        assert answer is None
        assert status_of(form) == 409
        assert form.saved_before == f"/events/{IndexEvent.objects.get().public_id}/"
        assert "A fire" in str(form["description"])
        again = QueryDict(mutable=True)
        again.update(form.data)
        assert again["idempotency_key"] != key
        save(post(user, **again.dict()), patient)
        assert sorted(event.description for event in IndexEvent.objects.all()) == ["A crash", "A fire"]

    def test_a_key_of_somebody_else_leads_nowhere(self) -> None:
        patient, key = make_patient(), str(uuid4())
        save(post(make_user(Role.CLINICIAN), idempotency_key=key, description="A crash"), patient)
        form, answer = save(post(make_user(Role.CLINICIAN), idempotency_key=key, description="A crash"), patient)
        assert answer is None
        assert (status_of(form), form.saved_before) == (409, "")

    @pytest.mark.parametrize("key", [None, "", "7", "x" * 1000, "\0", "emoji 😀"])
    def test_without_a_usable_key_nothing_is_saved_and_the_next_try_is(self, key: str | None) -> None:
        user, patient = make_user(Role.CLINICIAN), make_patient()
        typed = {"description": "A crash"} | ({} if key is None else {"idempotency_key": key})
        form, answer = save(post(user, **typed), patient)
        assert answer is None
        assert status_of(form) == 422
        assert not IndexEvent.objects.exists()
        _, answer = save(post(user, **{**typed, "idempotency_key": form.data["idempotency_key"]}), patient)
        assert answer

    def test_what_a_service_refuses_leaves_no_receipt(self) -> None:
        request = post(make_user(Role.CLINICIAN), idempotency_key=str(uuid4()), description="A crash")
        form = EventForm(request.POST)

        def refuse() -> str:
            make_patient()
            raise ValidationError({"description": "Say more."})

        assert create_once(request, form, refuse) is None
        assert form.errors["description"] == ["Say more."]
        assert not FormReceipt.objects.exists()
        assert not Patient.objects.exists()

    def test_the_receipt_does_not_tell_what_was_typed(self) -> None:
        user, patient = make_user(Role.CLINICIAN), make_patient()
        save(post(user, idempotency_key=str(uuid4()), description="Zanzibarqua"), patient)
        assert "Zanzibarqua" not in str(FormReceipt.objects.values().get())


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_again", range(2))
def test_two_clicks_at_once_make_one_record(_again: int) -> None:
    user, patient, key = make_user(Role.CLINICIAN), make_patient(), str(uuid4())
    together, locations = Barrier(4), []

    def click() -> None:
        try:
            together.wait()
            _, answer = save(post(user, idempotency_key=key, description="A crash"), patient)
            locations.append(answer and answer["Location"])
        finally:
            connection.close()

    threads = [Thread(target=click) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert locations == [f"/events/{IndexEvent.objects.get().public_id}/"] * 4


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_again", range(2))
def test_of_two_edits_at_once_the_second_sees_both_texts(_again: int) -> None:
    user = make_user(Role.CLINICIAN)
    entry = add_to_history(actor=user, entry=IndexEvent(patient=make_patient(), description="A crash"))
    together, forms = Barrier(2), []

    def edit(text: str) -> None:
        try:
            together.wait()
            form = EventEditForm({"version": "1", "description": text})
            save_edit(form, lambda: _amended(user, entry, form))
            forms.append(form)
        finally:
            connection.close()

    threads = [Thread(target=edit, args=(text,)) for text in ("A fire", "A flood")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    saved = IndexEvent.objects.get()
    [stale] = [form for form in forms if form.conflict]
    [difference] = stale.differences
    assert saved.version == 2
    assert status_of(stale) == 409
    assert {difference.typed, difference.saved} == {"A fire", "A flood"}
    assert (difference.label, difference.saved) == ("What happened", saved.description)
    assert stale.data["version"] == "2", "the next save is meant"


def _amended(user: User, entry: IndexEvent, form: EventEditForm) -> str:
    version, text = form.cleaned_data["version"], form.cleaned_data["description"]
    amend_history(actor=user, entry=entry, version=version, reason="Told again", description=text)
    return "/"
