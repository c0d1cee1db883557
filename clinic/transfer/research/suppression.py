"""Small cells: which values may leave the clinic, and which are pooled so that no subtraction brings them back (rule 31)."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import pandas as pd

#: Fewer patients than this are never shown as a group outside the clinic (rule 31; the cell size of the US CMS).
FEWEST_PATIENTS = 11
#: What stands for a pooled value, and for a pooled adverse-event term.
SUPPRESSED = "suppressed"
OTHER = "other"
_WORDS = {"ctcae_grade": "CTCAE grade", "term": "Adverse-event term"}


@dataclass(frozen=True)
class Pooling:
    """What was pooled in one column: so many different values, in so many rows."""

    file: str
    column: str
    written_as: str
    values: int
    rows: int

    @property
    def words(self) -> str:
        """The column in words."""
        return _WORDS.get(self.column, self.column.replace("_", " ").capitalize())


def values_to_keep(
    holders: Mapping[str, AbstractSet[str]], pooled_anyway: AbstractSet[str] = frozenset()
) -> frozenset[str]:
    """The values that may be shown, of those in `holders`, which says who holds each.

    Whatever fewer than FEWEST_PATIENTS hold is pooled. While those in the pool are themselves fewer, the next smallest
    value joins them: else the size of a lone small value would be what is missing from the total. `pooled_anyway` are
    patients with a value that is in the pool for another reason.
    """
    by_size = sorted(holders, key=lambda value: (len(holders[value]), value))
    small = sum(len(holders[value]) < FEWEST_PATIENTS for value in by_size)
    pool = set(pooled_anyway).union(*(holders[value] for value in by_size[:small]))
    while pool and len(pool) < FEWEST_PATIENTS and small < len(by_size):
        pool |= holders[by_size[small]]
        small += 1
    return frozenset(by_size[small:])


def pool(
    table: pd.DataFrame, file: str, column: str, *, written_as: str = SUPPRESSED, known: frozenset[str] | None = None
) -> tuple["pd.Series[str]", Pooling]:
    """The column of `table` (which has a `study_id`) as it may leave, and what was pooled.

    `known`: the only values that may be shown at all, however many hold them.
    """
    values = table[column].astype("str")
    showable = values.isin(list(known)) if known is not None else values.notna()
    holders = {
        str(value): frozenset(patients)
        for value, patients in table.loc[showable, "study_id"].groupby(values[showable], sort=True)
    }
    hidden = ~values.isin(list(values_to_keep(holders, frozenset(table.loc[~showable, "study_id"]))))
    report = Pooling(file, column, written_as, int(values[hidden].nunique()), int(hidden.sum()))
    return values.mask(hidden, written_as), report
