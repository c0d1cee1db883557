"""The log of a session: its stages, what may follow, what is struck or gets another time."""

import pytest
from written_log import Written, at

from infusions.session.fields import length_of, of_order
from infusions.session.log import Kind, Session, Stage, draft_of, is_draft

#: One way through a session, and the stage after each step.
WAY = [
    (Kind.BEGUN, Stage.CHECKS),
    (Kind.STARTED, Stage.RUNNING),
    (Kind.PAUSED, Stage.PAUSED),
    (Kind.RESUMED, Stage.RUNNING),
    (Kind.STOPPED, Stage.RECOVERY),
    (Kind.DISCHARGED, Stage.DISCHARGED),
    (Kind.SIGNED, Stage.SIGNED),
]
OBSERVED = "vitals note drug adverse_event drawn wasted struck retimed acknowledged"
#: What each stage allows, written out: the table of the room.
ALLOWED = {
    Stage.PLANNED: "begun called_off",
    Stage.CHECKS: f"{OBSERVED} dose_checked started called_off",
    Stage.RUNNING: f"{OBSERVED} paused rate stopped",
    Stage.PAUSED: f"{OBSERVED} resumed stopped",
    Stage.RECOVERY: f"{OBSERVED} discharged integration_note",
    Stage.DISCHARGED: f"{OBSERVED} signed integration_note",
    Stage.SIGNED: "addendum integration_note adverse_event drawn wasted struck retimed",
}


def come_to(stage: Stage) -> Written:
    log = Written()
    for kind, reached in WAY if stage is not Stage.PLANNED else ():
        log.add(kind)
        if reached is stage:
            break
    return log


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("stage", Stage)
def test_what_each_stage_allows(stage: Stage, kind: Kind) -> None:
    session = come_to(stage).session
    assert session.stage is stage
    assert session.allows(kind) is (kind in ALLOWED[stage].split())


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("stage", [Stage.PLANNED, Stage.CHECKS])
def test_a_session_called_off_accounts_for_its_drug_and_nothing_else(stage: Stage, kind: Kind) -> None:
    log = come_to(stage)
    number = log.add(Kind.CALLED_OFF, status="no_show", reason="")
    assert log.session.stage is stage
    assert log.session.allows(kind) is (kind in {Kind.NOTE, Kind.DRAWN, Kind.WASTED, Kind.STRUCK, Kind.RETIMED})
    assert not log.session.takes_fields("intention")
    assert log.session.takes_fields("my.7.note")
    log.strike(number)
    assert log.session.called_off is None
    assert log.session.stage is stage


def test_stages_in_words() -> None:
    assert [stage.words for stage in Stage] == [
        *("Planned", "Checks", "Running", "Paused", "Recovery", "Discharged", "Signed")
    ]


@pytest.mark.parametrize("stage", Stage)
def test_which_fields_a_stage_takes(stage: Stage) -> None:
    session = come_to(stage).session
    assert session.takes_fields("intention") is (stage not in {Stage.PLANNED, Stage.SIGNED})
    assert session.takes_fields("my.7.note") is (stage is not Stage.PLANNED)


class TestFields:
    def test_the_latest_version_stands_in_whatever_order_they_come(self) -> None:
        log = Written()
        log.type("intention", "Breath", 1)
        log.type("intention", " Stay with the breath. ", 2)
        log.type("aldrete.activity", "2")
        assert log.session.text("intention") == "Stay with the breath."
        assert log.session.fields["intention"].version == 2
        assert log.session.text("playlist") == ""
        assert log.session.answers("aldrete") == {"activity": "2"}

    def test_drafts_are_one_persons(self) -> None:
        assert draft_of(7, "note.text") == "my.7.note.text"
        assert is_draft("my.7.note.text")
        assert not is_draft("music")

    @pytest.mark.parametrize(
        ("name", "length"),
        [
            ("intention", 20_000),
            ("sitter", 200),
            ("check.vitals", 200),
            ("aldrete.spo2", 200),
            ("my.7.note.text", 20_000),
            ("my.7.vitals.systolic_mmhg", 20_000),
            ("my.7.\0", 0),
            ("my.7..text", 0),
            ("my.", 0),
            ("nothing", 0),
            ("check.", 0),
            ("check.vitals\0", 0),
            ("other.vitals", 0),
            ("", 0),
            ("my.7." + "n" * 76, 0),
        ],
    )
    def test_there_are_these_fields_and_no_others(self, name: str, length: int) -> None:
        assert length_of(name) == length

    def test_the_order_is_fixed_by_the_start(self) -> None:
        assert [name for name in ("weight_kg", "intention", "no such") if of_order(name)] == ["weight_kg"]


class TestCorrections:
    def test_a_struck_entry_is_gone_and_stays_readable(self) -> None:
        log = come_to(Stage.CHECKS)
        note = log.add(Kind.NOTE, text="Wrong patient")
        entry = log.session.number(note)
        assert entry is not None
        assert log.session.may_strike(entry)
        log.strike(note)
        assert log.session.all(Kind.NOTE) == []
        assert log.session.last(Kind.NOTE) is None
        assert log.session.number(note) == entry
        assert not log.session.may_strike(entry)
        assert not log.session.may_retime(entry)

    def test_another_time_the_latest_counts(self) -> None:
        log = come_to(Stage.CHECKS)
        note = log.add(Kind.NOTE, 5, text="Calm")
        log.retime(note, 3)
        log.retime(note, 4)
        assert [entry.at for entry in log.session.all(Kind.NOTE)] == [at(4)]
        first = log.session.number(note)
        assert first is not None
        assert first.at == at(5)

    @pytest.mark.parametrize("kind", [Kind.FIELD, Kind.BEGUN, Kind.SIGNED, Kind.STRUCK, Kind.RETIMED, Kind.ADDENDUM])
    def test_what_is_never_struck(self, kind: Kind) -> None:
        log = Written()
        log.add(kind, of=0)
        assert not log.session.may_strike(log.entries[0])

    @pytest.mark.parametrize("kind", Kind)
    def test_what_never_gets_another_time(self, kind: Kind) -> None:
        log = Written()
        log.add(kind, of=0)
        never = {Kind.FIELD, Kind.SIGNED, Kind.STRUCK, Kind.RETIMED, Kind.ADDENDUM, Kind.ACKNOWLEDGED}
        assert log.session.may_retime(log.entries[0]) is (kind not in never)

    def test_of_the_steps_only_the_latest_is_struck_one_after_the_other(self) -> None:
        log = come_to(Stage.DISCHARGED)
        steps = list(log.entries)
        for step, stage in zip(reversed(steps[1:]), [stage for _, stage in reversed(WAY[:5])], strict=True):
            strikable = [entry.kind for entry in steps if log.session.may_strike(entry)]
            assert strikable == [step.kind]
            log.strike(step.number)
            assert log.session.stage is stage
        assert not any(log.session.may_strike(entry) for entry in steps)

    @pytest.mark.parametrize("stage", [Stage.RUNNING, Stage.PAUSED])
    def test_a_start_or_a_resumption_is_not_struck_under_a_rate(self, stage: Stage) -> None:
        log = come_to(stage)
        if stage is Stage.PAUSED:
            log.add(Kind.RESUMED)
        turn = log.entries[-1]
        rate = log.add(Kind.RATE, ml_per_h="100.0")
        assert not log.session.may_strike(turn)
        assert log.session.may_strike(log.entries[rate - 1])
        log.strike(rate)
        assert log.session.may_strike(turn)

    def test_after_the_signature_no_step_is_struck(self) -> None:
        log = come_to(Stage.SIGNED)
        assert not any(log.session.may_strike(entry) for entry in log.entries)


class TestSignature:
    def test_what_was_signed_stays_as_it_was(self) -> None:
        log = come_to(Stage.DISCHARGED)
        note = log.add(Kind.NOTE, text="Calm")
        with pytest.raises(ValueError, match="not signed"):
            log.session.as_signed()
        assert not log.session.changed_since_signed
        log.add(Kind.SIGNED)
        signed = log.session.as_signed()
        assert signed.entries == tuple(log.entries[:-1])
        assert not log.session.changed_since_signed
        log.add(Kind.INTEGRATION, text="Later")
        assert not log.session.allows(Kind.SIGNED)
        log.strike(note)
        assert log.session.as_signed() == signed
        assert log.session.changed_since_signed
        assert log.session.allows(Kind.SIGNED)
        log.add(Kind.SIGNED)
        assert not log.session.changed_since_signed
        assert log.session.as_signed().all(Kind.NOTE) == []

    def test_a_correction_before_the_signature_is_part_of_it(self) -> None:
        log = come_to(Stage.DISCHARGED)
        log.strike(log.add(Kind.NOTE, text="Calm"))
        log.add(Kind.SIGNED)
        assert not log.session.changed_since_signed


def test_an_empty_session_is_planned() -> None:
    session = Session()
    assert session.stage is Stage.PLANNED
    assert (session.started, session.stopped, session.signed, session.called_off, session.number(1)) == (None,) * 5
