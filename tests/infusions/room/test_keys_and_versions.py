"""One key makes one entry, and of two people who change one field the second is told: also at the same moment."""

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any
from uuid import UUID, uuid4

import pytest
from chairside import Chair
from django.core.exceptions import ValidationError
from django.db import connection

from infusions.models import SessionEvent
from infusions.services import room
from infusions.session.log import Kind


def begun() -> Chair:
    chair = Chair()
    chair.enter(Kind.BEGUN)
    return chair


def note(chair: Chair, key: UUID, text: str, actor: Any = None, kind: Kind = Kind.NOTE) -> SessionEvent:
    """A note as a page sends it: the fingerprint is of what was typed."""
    stamp = room.Stamp(actor or chair.actor, key, chair.now, content_hash=text)
    return room.enter(chair.infusion, kind, stamp, at=chair.now, values={"text": text})


def save(
    chair: Chair, key: UUID, value: str, seen: int = 0, actor: Any = None, name: str = "intention"
) -> SessionEvent:
    stamp = room.Stamp(actor or chair.actor, key, chair.now)
    return room.save_field(chair.infusion, stamp, name=name, value=value, seen=seen)


@pytest.mark.django_db
class TestKeys:
    def test_the_same_again_is_the_entry_that_was_made(self) -> None:
        chair, key = begun(), uuid4()
        first = note(chair, key, "Calm")
        version = chair.row.version
        chair.now += timedelta(minutes=1)
        assert note(chair, key, "Calm") == first
        assert SessionEvent.objects.filter(kind="note").count() == 1
        assert chair.row.version == version

    def test_a_step_again_after_others_went_on(self) -> None:
        chair = Chair()
        key = uuid4()
        stamp = room.Stamp(chair.actor, key, chair.now)
        first = room.enter(chair.infusion, Kind.BEGUN, stamp, at=chair.now, values={})
        chair.enter(Kind.CALLED_OFF, status="cancelled", reason="Ill")
        assert room.enter(chair.infusion, Kind.BEGUN, stamp, at=chair.now, values={}) == first

    def test_anything_else_under_a_used_key_is_refused(self) -> None:
        chair, other, key = begun(), begun(), uuid4()
        note(chair, key, "Calm")
        with pytest.raises(room.UsedKeyError):
            note(chair, key, "Restless")
        with pytest.raises(room.UsedKeyError):
            note(chair, key, "Calm", actor=chair.colleague)
        with pytest.raises(room.UsedKeyError):
            note(other, key, "Calm", actor=chair.actor)
        with pytest.raises(room.UsedKeyError):
            save(chair, key, "Calm")
        with pytest.raises(room.UsedKeyError):
            save(other, key, "Calm", actor=chair.actor)
        assert SessionEvent.objects.exclude(kind="begun").count() == 1

    def test_a_refused_entry_leaves_its_key_free(self) -> None:
        chair, key = begun(), uuid4()
        with pytest.raises(ValidationError):
            room.enter(
                chair.infusion,
                Kind.NOTE,
                room.Stamp(chair.actor, key, chair.now),
                at=chair.now + timedelta(hours=1),
                values={"text": "Calm"},
            )
        note(chair, key, "Calm")


@pytest.mark.django_db
class TestFields:
    def test_the_second_editor_is_told_what_it_says_now(self) -> None:
        chair = begun()
        save(chair, uuid4(), "Breath")
        with pytest.raises(room.FieldConflictError) as told:
            save(chair, uuid4(), "Trust", actor=chair.colleague)
        assert told.value.current is not None
        assert (told.value.current.data, told.value.current.version) == ({"value": "Breath"}, 1)
        assert save(chair, uuid4(), "Trust", seen=1, actor=chair.colleague).version == 2

    def test_a_version_that_there_never_was(self) -> None:
        with pytest.raises(room.FieldConflictError) as told:
            save(begun(), uuid4(), "Breath", seen=3)
        assert told.value.current is None

    def test_the_first_again_after_a_time_out_is_its_own_entry(self) -> None:
        chair, key = begun(), uuid4()
        first = save(chair, key, "Breath")
        assert save(chair, key, "Breath") == first
        save(chair, uuid4(), "Trust", seen=1, actor=chair.colleague)
        assert save(chair, key, "Breath") == first
        with pytest.raises(room.UsedKeyError):
            save(chair, key, "Other")

    def test_also_when_the_field_was_fixed_meanwhile(self) -> None:
        chair, key = Chair(), uuid4()
        chair.prepare()
        first = save(chair, key, "Infusomat", name="pump")
        weight = save(chair, uuid4(), "82.5", seen=1, name="weight_kg")
        again = room.Stamp(chair.actor, weight.key, chair.now)
        chair.enter(Kind.STARTED)
        assert room.save_field(chair.infusion, again, name="weight_kg", value="82.5", seen=1) == weight
        with pytest.raises(ValidationError, match="the order is fixed"):
            save(chair, uuid4(), "83", seen=2, name="weight_kg")
        assert save(chair, key, "Infusomat", name="pump") == first

    def test_a_field_of_another_session_under_the_same_key(self) -> None:
        chair, other, key = begun(), begun(), uuid4()
        other.actor = chair.actor
        save(chair, key, "Breath")
        save(other, uuid4(), "Trust")
        with pytest.raises(room.UsedKeyError):
            save(other, key, "Breath")

    def test_not_before_the_checks(self) -> None:
        with pytest.raises(ValidationError, match="Begin the checks first"):
            save(Chair(), uuid4(), "Breath")

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("nothing", "x"),
            ("my.0.note", "x"),
            ("check.\0", "x"),
            ("intention", "x" * 20_001),
            ("intention", "x" * 1_000_000),
            ("sitter", "x" * 201),
            ("intention", "be\0fore"),
            ("intention", "half of a pair: \ud83c"),
        ],
    )
    def test_what_no_field_takes_is_a_message(self, name: str, value: str) -> None:
        chair = begun()
        with pytest.raises(ValidationError) as refused:
            save(chair, uuid4(), value, name=name)
        assert list(refused.value.error_dict) == [name]

    def test_somebody_elses_draft(self) -> None:
        chair = begun()
        save(chair, uuid4(), "Dear", name=f"my.{chair.actor.pk}.note")
        with pytest.raises(ValidationError, match="no such field"):
            save(chair, uuid4(), "Dear", seen=1, name=f"my.{chair.actor.pk}.note", actor=chair.colleague)

    def test_what_stands_on_the_infusion_is_there_at_once(self) -> None:
        chair = begun()
        chair.type(intention=" Breath ", eye_mask="yes", music="no", sitter="Ann", preparation_note="Slept well")
        row = chair.row
        assert (row.intention, row.eye_mask, row.music) == ("Breath", "yes", "no")
        assert (row.sitter, row.preparation_note) == ("Ann", "Slept well")
        chair.type(eye_mask="", intention="")
        assert (chair.row.eye_mask, chair.row.intention) == ("not_recorded", "")


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """What the calls gave, or the error they raised, all begun at the same moment on connections of their own."""
    together, results = Barrier(len(calls)), []

    def run(call: Callable[[], Any]) -> None:
        try:
            together.wait()
            results.append(call())
        except Exception as error:
            results.append(error)
        finally:
            connection.close()

    threads = [Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.django_db(transaction=True)
class TestAtTheSameMoment:
    @pytest.mark.parametrize("_again", range(2))
    def test_one_key_makes_one_entry(self, _again: int) -> None:
        chair, key = begun(), uuid4()
        made = at_once(*[lambda: note(chair, key, "Calm")] * 4)
        assert made == [SessionEvent.objects.get(kind="note")] * 4

    def test_two_keys_make_two_entries(self) -> None:
        chair = begun()
        before = chair.row.version
        made = at_once(*[lambda: note(chair, uuid4(), "Calm")] * 3)
        assert len({event.pk for event in made}) == 3
        assert chair.row.version == before + 3

    def test_a_step_is_made_once(self) -> None:
        chair = Chair()
        chair.prepare()
        made = at_once(*[lambda: chair.enter(Kind.STARTED)] * 3)
        assert sorted(type(one).__name__ for one in made) == ["SessionEvent", "ValidationError", "ValidationError"]

    def test_one_key_in_two_sessions(self) -> None:
        chair, other, key = begun(), begun(), uuid4()
        other.actor = chair.actor
        made = at_once(lambda: note(chair, key, "Calm"), lambda: note(other, key, "Calm"))
        assert sorted(type(one).__name__ for one in made) == ["SessionEvent", "UsedKeyError"]

    @pytest.mark.parametrize("_again", range(2))
    def test_one_field_by_one_key(self, _again: int) -> None:
        chair, key = begun(), uuid4()
        made = at_once(*[lambda: save(chair, key, "Breath")] * 4)
        assert made == [SessionEvent.objects.get(kind="field")] * 4

    @pytest.mark.parametrize("_again", range(2))
    def test_one_field_by_two_people(self, _again: int) -> None:
        chair = begun()
        one, other = at_once(
            lambda: save(chair, uuid4(), "Breath"), lambda: save(chair, uuid4(), "Trust", actor=chair.colleague)
        )
        told, made = (one, other) if isinstance(one, room.FieldConflictError) else (other, one)
        assert isinstance(told, room.FieldConflictError)
        assert told.current == made == SessionEvent.objects.get(kind="field")
