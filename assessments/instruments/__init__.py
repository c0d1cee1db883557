"""The questionnaires this clinic can give. A new one is one new file here that defines `INSTRUMENT`.

Pure: importing this package needs neither Django nor a database; files are looked for on the first question.
"""

import pkgutil
from functools import cache
from importlib import import_module

from assessments.instruments.base import Instrument


class UnknownInstrument(ValueError):  # noqa: N818 - read as what happened, like DoesNotExist
    """No questionnaire has this id; the message names those that exist."""


def get(instrument_id: str) -> Instrument:
    """The questionnaire with this id, such as "pcl5". Raises UnknownInstrument."""
    found = _discover(tuple(__path__))
    if instrument_id not in found:
        raise UnknownInstrument(f"No questionnaire {instrument_id!r}; known: {', '.join(found)}.")
    return found[instrument_id]


def all_instruments() -> tuple[Instrument, ...]:
    """Every questionnaire, in the order of their ids."""
    return tuple(_discover(tuple(__path__)).values())


@cache
def _discover(folders: tuple[str, ...]) -> dict[str, Instrument]:
    """Import every module in these folders once. Raises ValueError when two questionnaires share an id."""
    found: dict[str, Instrument] = {}
    for module_info in pkgutil.iter_modules(folders):
        module = import_module(f"{__name__}.{module_info.name}")
        instrument: Instrument | None = getattr(module, "INSTRUMENT", None)
        if instrument is None:
            continue
        if instrument.id in found:
            raise ValueError(f"{module.__name__}: another file already defines {instrument.id!r}.")
        found[instrument.id] = instrument
    return dict(sorted(found.items()))
