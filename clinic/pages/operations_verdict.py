"""The answer of the operations page in sentences: is everything counted, and if not, why and what to do."""

from collections.abc import Iterator
from dataclasses import dataclass

from clinic.pages.operations import Operations, counted


@dataclass(frozen=True)
class Finding:
    """A sentence with its icon and look ("good", "info", "warn"), and what follows from it."""

    look: str
    icon: str
    title: str
    text: str = ""


def findings(operations: Operations) -> list[Finding]:
    """What stands in the way, the worst first; or the one that everything is counted."""
    away = _away(operations)
    found = [*away, *_failed(operations), *_waiting(operations, working=operations.has_broker and not away)]
    return found or [_well(operations)]


def _away(operations: Operations) -> list[Finding]:
    if operations.queues is None:
        title = "The broker does not answer: records are saved, outcomes follow when it is back"
        text = "See that Redis runs where CELERY_BROKER_URL says. What changed stands in the database; nothing is lost."
        return [Finding("warn", "warn", title, text)]
    if operations.sweep_is_late:
        swept = operations.last_sweep
        since = f"The sweep has not run since {swept.words}" if swept else "No sweep has run yet"
        text = "Start both again, and read in their log why they ended. Nothing is lost: the next sweep works off what waits."
        return [Finding("warn", "warn", f"{since}: the worker or beat is away", text)]
    return []


def _failed(operations: Operations) -> list[Finding]:
    if not operations.failed:
        return []
    who = "who and why stands below" if operations.failures is not None else "the medical director sees who and why"
    text = f"No figure counts them; {who}. They are tried again when their records or the criteria change."
    return [Finding("warn", "warn", _sentence(f"{_count(operations.failed, 'patient')} could not be computed"), text)]


def _waiting(operations: Operations, *, working: bool) -> Iterator[Finding]:
    pending, run, figures = operations.pending, operations.open_run, operations.figures
    if run:
        text = f"Until it is done the figures stay those of {figures.added_up.words}." if figures else ""
        yield Finding("info", "clock", "Every patient is being computed anew", text)
    if pending.changes or pending.patients:
        what = _sentence(_count(pending.changes, "change"))
        if not pending.changes:
            what = f"The outcomes of {_count(pending.patients, 'patient')}"
        one = pending.changes == 1
        if working:
            yield Finding("info", "clock", f"{what} {'is' if one else 'are'} being worked off")
        elif operations.has_broker:
            yield Finding("info", "clock", f"{what} {'waits' if one else 'wait'} until then")
        else:
            text = "Whoever opens the outcomes has them counted; so does manage.py recompute_outcomes."
            yield Finding("info", "clock", f"{what} {'is' if one else 'are'} not counted yet", text)
    elif figures and figures.settings != operations.in_force:
        title = f"The figures of settings v{operations.in_force} are not added up yet"
        yield Finding("info", "clock", title, f"Until they are, those of settings v{figures.settings} are shown.")


def _well(operations: Operations) -> Finding:
    figures = operations.figures
    text = (
        f"Figures as of {figures.added_up.words}, settings v{figures.settings}."
        if figures
        else "Nobody was treated yet."
    )
    return Finding("good", "check", "Everything is counted", text)


def _count(number: int, what: str) -> str:
    """How many of them: "1 patient", "more than 1,000 patients"."""
    return f"{counted(number)} {what}{'' if number == 1 else 's'}"


def _sentence(words: str) -> str:
    return words[0].upper() + words[1:]
