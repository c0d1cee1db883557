"""What lies behind the records of one invented patient: how ill, how treated, how it ends and how faithfully she answers."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from clinic.transfer.synthetic.clinic_days import last_open_day
from clinic.transfer.synthetic.draws import Draw

#: Sessions planned for the last day, whatever the size of the clinic: what its staff would see on a working day.
SESSIONS_TODAY = 10
#: One patient of so many dies; a fixed place instead of chance keeps it rare in every clinic.
_ONE_DIES_OF, _WHO = 500, 136
_LONGEST_AGO_DAYS = 1_250


class Stage(StrEnum):
    """Where a patient stands on the last day."""

    WAITING = "waiting"
    TODAY = "today"
    IN_SERIES = "in series"
    JUST_ENDED = "just ended"
    FOLLOWED = "followed"


class Kind(StrEnum):
    """What the induction does to the symptoms."""

    RESPONDER = "responder"
    NON_RESPONDER = "non-responder"
    WORSE = "worse"


#: Near what ketamine clinics publish: seven of ten respond, one in twenty gets worse.
_KINDS = {Kind.RESPONDER: 68, Kind.NON_RESPONDER: 24, Kind.WORSE: 8}
_STAGES = {Stage.WAITING: 6, Stage.IN_SERIES: 7, Stage.JUST_ENDED: 7, Stage.FOLLOWED: 80}
#: Symptoms of a patient who is ill enough to get this treatment, in PCL-5 points.
_MEAN_SEVERITY, _SPREAD_SEVERITY = 52.5, 11.3
#: Above this there is no room on the scale to get much worse.
_WORSE_AT_MOST = 58


@dataclass(frozen=True, slots=True)
class Story:
    """One patient's. `lost_after_days`: days after a course's end from which she answers no more."""

    index: int
    stage: Stage
    kind: Kind
    severity: float
    first_on: date
    registered_on: date
    dies: bool
    has_baseline: bool
    silent: bool
    relapses: bool
    lost_after_days: float
    today_place: int | None


def places_today(patients: int) -> dict[int, int]:
    """Index of the patients who have a session on the last day, and which of the day's sessions it is."""
    count = min(SESSIONS_TODAY, patients // 5)
    return {(2 * place + 1) * patients // (2 * count): place for place in range(count)}


def story_of(index: int, draw: Draw, until: date, today_place: int | None) -> Story:
    """Draw the story of the patient with this index, 0 for the first."""
    dies = index % _ONE_DIES_OF == _WHO
    stage = Stage.FOLLOWED if dies else draw.of(_STAGES)
    if today_place is not None and not dies:
        stage = Stage.TODAY
    severity = draw.within(_MEAN_SEVERITY, _SPREAD_SEVERITY, 22, 76)
    kind = draw.of(_KINDS)
    if kind is Kind.WORSE and severity > _WORSE_AT_MOST:
        kind = Kind.NON_RESPONDER
    first_on = _first_on(stage, draw, until)
    relapses = kind is Kind.RESPONDER and draw.chance(0.44)
    return Story(
        index=index,
        stage=stage,
        kind=kind,
        severity=severity,
        first_on=first_on,
        registered_on=last_open_day(min(first_on, until) - timedelta(days=draw.randint(16, 50))),
        dies=dies,
        has_baseline=not draw.chance(0.05),
        silent=draw.chance(0.035),
        relapses=relapses,
        lost_after_days=draw.expovariate(1 / (1_000 if relapses else 620)),
        today_place=today_place if stage is Stage.TODAY else None,
    )


def _first_on(stage: Stage, draw: Draw, until: date) -> date:
    """Day of the first infusion; for those who wait, the day for which it is planned."""
    match stage:
        case Stage.WAITING:
            return until + timedelta(days=draw.randint(2, 20))
        case Stage.TODAY:
            ago = 24
        case Stage.IN_SERIES:
            ago = draw.randint(1, 18)
        case Stage.JUST_ENDED:
            ago = draw.randint(20, 50)
        case _:  # older starts are rarer: the clinic grew
            ago = 50 + int((_LONGEST_AGO_DAYS - 50) * draw.random() ** 1.1)
    return last_open_day(until - timedelta(days=ago))
