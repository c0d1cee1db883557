"""What a questionnaire is, and how its answers become a score.

Pure: plain values in, plain values out; no database, no request, no clock.
Answers are a list with one entry per item, in item order: the value of an option, or None where the item
was skipped. Rule numbers are those of the clinical rules.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

Answers = Sequence[int | None]


@dataclass(frozen=True, slots=True)
class Item:
    """One question: its printed number, from 1, and the publisher's wording, never edited (rule 2)."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Option:
    """One answer offered for every item: the points it scores and its printed label."""

    value: int
    label: str


@dataclass(frozen=True, slots=True)
class Form:
    """One printed version of a questionnaire; versions differ in nothing but these texts (rule 2).

    `recall_days` is how many days the answers look back; `day_rank` orders two forms completed on the same
    day, lower first, so that the higher one counts as the later reading (rule 14a).
    """

    id: str
    label: str
    recall_days: int
    instruction: str
    stem: str
    day_rank: int


@dataclass(frozen=True, slots=True)
class Subscale:
    """A group of items with a sum of its own; `items` are item numbers."""

    id: str
    label: str
    items: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ReviewLimit:
    """An item that asks for a clinician's review the same day from `at_least` points up (rule 10)."""

    item: int
    at_least: int


@dataclass(frozen=True, slots=True)
class Score:
    """What one completed form says, in points. Whether an incomplete form may be used is decided elsewhere.

    total: sum of all items; None unless every item was answered (rule 3).
    answered_sum: sum of the answered items.
    missing_items: how many items were skipped.
    most_missing_in_subscale: skipped items in the subscale that has most of them (limit of rule 7).
    subscales: sum by subscale id; None where any of its items was skipped (rule 3).
    rule_met: the questionnaire's own provisional rule, never a diagnosis (rules 5, 6); None when the skipped
        items could decide it either way, or when the questionnaire has no such rule.
    review_flags: "item_<number>" for each answer that asks for review the same day (rule 10).
    """

    total: int | None
    answered_sum: int
    missing_items: int
    most_missing_in_subscale: int
    subscales: dict[str, int | None]
    rule_met: bool | None
    review_flags: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """A questionnaire. Its file defines one as `INSTRUMENT`; that is all it takes to add one.

    `rule`, if any, takes usable answers and says whether the provisional rule is met (see Score.rule_met).
    Raises ValueError when the description contradicts itself, so that a typing slip is found on import.
    """

    id: str
    title: str
    source: str
    items: tuple[Item, ...]
    options: tuple[Option, ...]
    forms: tuple[Form, ...]
    subscales: tuple[Subscale, ...] = ()
    review_limits: tuple[ReviewLimit, ...] = ()
    rule: Callable[[Answers], bool | None] | None = None

    def __post_init__(self) -> None:
        numbers = [item.number for item in self.items]
        if not numbers or numbers != list(range(1, len(numbers) + 1)):
            raise ValueError(f"{self.id}: items must be numbered 1, 2, 3 and so on.")
        used = {n for subscale in self.subscales for n in subscale.items}
        used.update(limit.item for limit in self.review_limits)
        if not used <= set(numbers):
            raise ValueError(f"{self.id}: a subscale or review limit names an item that does not exist.")
        for name, keys in (
            ("option values", [option.value for option in self.options]),
            ("form ids", [form.id for form in self.forms]),
            ("form day ranks", [form.day_rank for form in self.forms]),
            ("subscale ids", [subscale.id for subscale in self.subscales]),
        ):
            if len(set(keys)) != len(keys):
                raise ValueError(f"{self.id}: {name} must all differ.")

    @property
    def max_per_item(self) -> int:
        """Points of the highest option."""
        return max(option.value for option in self.options)

    def form(self, form_id: str) -> Form:
        """The form with this id. Raises ValueError naming the known ones."""
        for form in self.forms:
            if form.id == form_id:
                return form
        known = ", ".join(form.id for form in self.forms)
        raise ValueError(f"{self.id} has no form {form_id!r}; it has: {known}.")

    def problems(self, answers: object) -> list[str]:
        """Everything that makes these answers unusable, in words; empty when they can be scored (rule 1).

        The refused values themselves are never repeated, because messages may end in a log (rule 62).
        """
        count = len(self.items)
        if not isinstance(answers, list | tuple):
            return [f"Answers must be a list of {count} values."]
        found = []
        if len(answers) != count:
            found.append(f"Expected {count} answers, got {len(answers)}.")
        allowed = sorted(option.value for option in self.options)
        choice = ", ".join(map(str, allowed))
        for item, answer in zip(self.items, answers, strict=False):
            # True == 1 and 1.0 == 1 in Python: only a plain integer is an answer
            if answer is not None and (type(answer) is not int or answer not in allowed):
                found.append(f"Item {item.number}: choose one of {choice}, or skip the item.")
        if all(answer is None for answer in answers):
            found.append("No item was answered.")
        return found

    def score(self, answers: Answers) -> Score:
        """The score of one form (rules 3, 5, 6, 10). Raises ValueError with all problems(), if any."""
        if problems := self.problems(answers):
            raise ValueError(" ".join(problems))
        total = _sum_if_complete(answers)
        subscale_answers = {s.id: [answers[n - 1] for n in s.items] for s in self.subscales}
        return Score(
            total=total,
            answered_sum=sum(answer for answer in answers if answer is not None),
            missing_items=_missing(answers),
            most_missing_in_subscale=max(map(_missing, subscale_answers.values()), default=0),
            subscales={key: _sum_if_complete(values) for key, values in subscale_answers.items()},
            rule_met=self.rule(answers) if self.rule else None,
            review_flags=self._review_flags(answers),
        )

    def _review_flags(self, answers: Answers) -> tuple[str, ...]:
        return tuple(
            f"item_{limit.item}"
            for limit in self.review_limits
            if (answer := answers[limit.item - 1]) is not None and answer >= limit.at_least
        )


@dataclass(frozen=True, slots=True)
class EndorsedRule:
    """A provisional rule as data: in each of these subscales so many items have `at_least` points (rules 5, 6).

    Called with usable answers it says whether the rule is met, like any `Instrument.rule`; because it is data, a page
    can show how it stands while the form is keyed.
    """

    label: str
    at_least: int
    needed: tuple[tuple[Subscale, int], ...]

    def __call__(self, answers: Answers) -> bool | None:
        """True or False when no skipped item could change it, else None."""
        return all_met(self.verdicts(answers).values())

    def verdicts(self, answers: Answers) -> dict[str, bool | None]:
        """The same for each subscale, by its id."""
        return {
            subscale.id: enough_endorsed((answers[n - 1] for n in subscale.items), self.at_least, needed)
            for subscale, needed in self.needed
        }


def prorated_total(answered_sum: int, missing_items: int, item_count: int) -> int:
    """Total in points if the skipped items were like the answered ones (rule 7).

    floor(sum * items / answered + 1/2), in integers, so that no half point depends on floating-point noise.
    It says nothing about whether so many skipped items are acceptable: that limit is a setting.
    Raises ValueError unless 0 <= missing_items < item_count.
    """
    if not 0 <= missing_items < item_count:
        raise ValueError(f"Cannot prorate with {missing_items} of {item_count} items missing.")
    answered = item_count - missing_items
    return (2 * answered_sum * item_count + answered) // (2 * answered)


def cut_rule(answered_sum: int, missing_items: int, cut: int, max_per_item: int = 4) -> bool | None:
    """Whether the total reaches `cut` points, whatever the skipped items would have been (rules 5, 6).

    True if it does even with 0 for each skipped item, False if it does not even with `max_per_item` for
    each, None if the skipped items could decide it either way.
    """
    return _settled(answered_sum, answered_sum + max_per_item * missing_items, cut)


def enough_endorsed(answers: Iterable[int | None], at_least: int, needed: int) -> bool | None:
    """Whether `needed` of these answers have `at_least` points, whatever the skipped would be (rule 6)."""
    listed = list(answers)
    endorsed = sum(answer is not None and answer >= at_least for answer in listed)
    return _settled(endorsed, endorsed + _missing(listed), needed)


def all_met(verdicts: Iterable[bool | None]) -> bool | None:
    """All of several conditions on different items: False if one fails, else None if one is open (rule 6)."""
    seen = set(verdicts)
    if False in seen:
        return False
    return None if None in seen else True


def _settled(lowest: int, highest: int, needed: int) -> bool | None:
    if lowest >= needed:
        return True
    return False if highest < needed else None


def _missing(answers: Answers) -> int:
    return sum(answer is None for answer in answers)


def _sum_if_complete(answers: Answers) -> int | None:
    answered = [answer for answer in answers if answer is not None]
    return sum(answered) if len(answered) == len(answers) else None
