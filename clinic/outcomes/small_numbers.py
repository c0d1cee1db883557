"""Which parts of a whole are too small to be shown, and which others would give them away (rule 31)."""

from collections.abc import Sequence


def hidden(sizes: Sequence[int], total: int, fewest: int) -> set[int]:
    """The places of the parts that are not shown: those of 1 to `fewest` - 1 patients, then the smallest of the others.

    `sizes` are parts of `total` that do not overlap; what of `total` is in none of them is not shown either. Others join
    until all that is not shown is nobody or `fewest` patients or more: fewer could be had by subtraction. Of parts of the
    same size the later joins first. A part of nobody is never hidden.
    """
    shown = sorted((at for at, size in enumerate(sizes) if size), key=lambda at: (sizes[at], -at))
    found = {at for at in shown if sizes[at] < fewest}
    others = [at for at in shown if at not in found]
    while others and 0 < total - sum(sizes[at] for at in others) < fewest:
        found.add(others.pop(0))
    return found
