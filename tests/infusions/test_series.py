"""The moments of a series, and what the intervals between planned infusions cross (rule 58)."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from clinic.web.forms import MomentField
from infusions.limits import Level, Limits
from infusions.series import A_WEEK, Rule, findings_along, local_moments, spread_over_week

MONDAY = datetime(2026, 6, 1, 9, 30)  # noqa: DTZ001 - a moment of the clinic's clock
NEW_YORK = ZoneInfo("America/New_York")
#: Zones whose clocks change in spring and autumn, in opposite seasons, by half an hour, and not at all.
ZONES = ("America/New_York", "Europe/Berlin", "Australia/Sydney", "Australia/Lord_Howe", "Asia/Kolkata")


def days(moments: Iterable[datetime]) -> str:
    return " ".join(f"{moment:%a%d}" for moment in moments)


@pytest.mark.parametrize(
    ("a_week", "expected"),
    [
        (1, "Mon01 Mon08 Mon15 Mon22 Mon29 Mon06"),
        (2, "Mon01 Thu04 Mon08 Thu11 Mon15 Thu18"),
        (3, "Mon01 Wed03 Fri05 Mon08 Wed10 Fri12"),
    ],
)
def test_so_many_a_week_are_spread_from_the_first_day_on(a_week: int, expected: str) -> None:
    rule = Rule(weekdays=spread_over_week(MONDAY.date(), a_week))
    assert days(local_moments(MONDAY, 6, rule)) == expected


def test_six_in_three_weeks_on_chosen_days() -> None:
    assert days(local_moments(MONDAY, 6, Rule(weekdays=frozenset({1, 4})))) == "Tue02 Fri05 Tue09 Fri12 Tue16 Fri19"


def test_every_so_many_days() -> None:
    assert days(local_moments(MONDAY, 4, Rule(every_days=10))) == "Mon01 Thu11 Sun21 Wed01"


@pytest.mark.parametrize("a_week", A_WEEK)
@pytest.mark.parametrize("start", range(7))
def test_a_spread_week_keeps_two_days_between(a_week: int, start: int) -> None:
    first = MONDAY + timedelta(days=start)
    moments = local_moments(first, 12, Rule(weekdays=spread_over_week(first.date(), a_week)))
    assert moments[0] == first
    assert min(later - earlier for earlier, later in pairwise(moments)) >= timedelta(days=2)


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({}, "either"),
        ({"every_days": 2, "weekdays": frozenset({1})}, "either"),
        ({"every_days": 0}, "1 day at least"),
        ({"weekdays": frozenset({7})}, "day of the week"),
    ],
)
def test_a_rule_that_names_no_days_is_none(rule: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Rule(**rule)  # type: ignore[arg-type]


def test_an_aware_first_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="without a time zone"):
        local_moments(MONDAY.replace(tzinfo=UTC), 1, Rule(every_days=1))


rules = st.one_of(
    st.integers(1, 90).map(lambda every: Rule(every_days=every)),
    st.frozensets(st.integers(0, 6), min_size=1).map(lambda weekdays: Rule(weekdays=weekdays)),
)


#: Moments of a wall clock in these years.
local_times = st.datetimes(MONDAY.replace(year=2024), MONDAY.replace(year=2030))


@given(local_times, st.integers(1, 40), rules, st.sampled_from(ZONES))
def test_moments_keep_the_time_on_the_clock_or_are_refused(
    first: datetime, count: int, rule: Rule, zone_name: str
) -> None:
    """Each moment exists once on the clinic's clock and reads as the first one does, or the form says that it does not."""
    first, zone = first.replace(second=0, microsecond=0), ZoneInfo(zone_name)
    moments = local_moments(first, count, rule)
    assert len(moments) == count
    assert {(moment.hour, moment.minute) for moment in moments} == {(first.hour, first.minute)}
    assert all(earlier < later for earlier, later in pairwise(moments))
    if rule.every_days:
        assert [moment - first for moment in moments] == [timedelta(days=rule.every_days * n) for n in range(count)]
    else:
        assert {moment.weekday() for moment in moments} <= rule.weekdays
        assert moments[0] - first < timedelta(days=7)
    with timezone.override(zone):
        for moment in moments:
            _assert_taken_or_refused(moment, zone)


def _assert_taken_or_refused(moment: datetime, zone: ZoneInfo) -> None:
    once = moment.replace(tzinfo=zone, fold=0).utcoffset() == moment.replace(tzinfo=zone, fold=1).utcoffset()
    if once:
        taken = MomentField().clean(f"{moment:%Y-%m-%dT%H:%M}")
        assert timezone.make_naive(taken.astimezone(UTC), zone) == moment
    else:
        with pytest.raises(ValidationError, match="The clocks change"):
            MomentField().clean(f"{moment:%Y-%m-%dT%H:%M}")


def at(day: int, hour: int = 10) -> datetime:
    return datetime(2026, 6, day, hour, tzinfo=NEW_YORK)


def limits_crossed(given: list[datetime], planned: list[datetime]) -> list[list[str]]:
    found = findings_along(Limits(), given=given, planned=planned, zone=NEW_YORK)
    return [[finding.limit for finding in findings] for findings in found]


@pytest.mark.parametrize(
    ("second", "crossed"),
    [
        (at(3, 10), []),
        (at(3, 9), ["warn_interval_below_hours"]),
        (at(2, 6), ["warn_interval_below_hours"]),
        (at(2, 5), ["override_interval_below_hours"]),
    ],
)
def test_a_moment_is_judged_from_the_one_planned_before_it(second: datetime, crossed: list[str]) -> None:
    assert limits_crossed([], [at(1), second]) == [[], crossed]
    assert limits_crossed([], [second, at(1)]) == [crossed, []], "in whatever order they stand"


def test_a_moment_is_judged_from_the_infusions_given() -> None:
    assert limits_crossed([at(1)], [at(2)]) == [["warn_interval_below_hours"]]
    assert limits_crossed([at(3)], [at(1)]) == [[]], "what comes later is judged by its own moment"


def test_two_at_one_moment_are_both_told() -> None:
    assert limits_crossed([], [at(1), at(1)]) == [["override_interval_below_hours"]] * 2


def test_the_seventh_in_14_days_and_the_eleventh_in_30() -> None:
    crossed = limits_crossed([at(day) for day in (1, 3, 5)], [at(day) for day in (7, 9, 11, 13, 29)])
    assert crossed == [[], [], [], ["warn_infusions_in_14_days_above"], []]
    many = limits_crossed([at(day) for day in range(1, 21, 2)], [at(30)])
    assert many == [["warn_infusions_in_30_days_above"]]


def test_over_a_change_of_the_clocks_hours_are_those_that_passed() -> None:
    saturday, monday = (datetime(2026, 3, day, 10, tzinfo=NEW_YORK) for day in (7, 9))
    [_, [finding]] = findings_along(Limits(), given=[], planned=[saturday, monday], zone=NEW_YORK)
    assert (finding.level, finding.limit) == (Level.WARN, "warn_interval_below_hours")
    assert "47 h" in finding.message
