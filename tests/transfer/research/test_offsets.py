"""Differences of days, in whole calendar days."""

import pandas as pd

from clinic.transfer.research.offsets import days_from, only_from


def days(*texts: str | None) -> "pd.Series[pd.Timestamp]":
    return pd.Series(pd.to_datetime(list(texts)))


def test_days_before_on_and_after() -> None:
    origin = days(*["2025-03-08"] * 4)
    day = days("2025-03-07", "2025-03-08", "2025-03-10", None)  # the clock changes on the ninth
    assert days_from(origin, day).tolist() == [-1, 0, 2, pd.NA]
    assert days_from(origin, day).dtype == "Int64"


def test_only_from_a_day_on() -> None:
    assert only_from(0, pd.Series([-1, 0, 2], dtype="Int64")).tolist() == [pd.NA, 0, 2]
