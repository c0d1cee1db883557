"""Days as differences: what leaves the clinic instead of dates (rule 62). All days are the clinic's calendar days (rule 17)."""

import pandas as pd


def days_from(origin: "pd.Series[pd.Timestamp]", day: "pd.Series[pd.Timestamp]") -> "pd.Series[int]":
    """Days from the origin to the day, row by row: 0 on the same day, negative before; missing where either is."""
    return (day - origin).dt.days.astype("Int64")


def only_from(first: int, days: "pd.Series[int]") -> "pd.Series[int]":
    """The days that are `first` or more; the others are missing."""
    return days.where(days >= first)
