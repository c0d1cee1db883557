"""What is read of questionnaires: their versions, their neighbours in time, and what each says."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from assessments import instruments
from assessments.instruments.base import EndorsedRule, Instrument, prorated_total
from assessments.models import Assessment
from clinic.policy import Action
from clinic.web.templatetags.tidemark import day
from patients.models import IndexEvent, Patient
from patients.selectors import patient_for

#: A total is shown prorated up to this many missing items, and this many in one subscale (rule 7, default). Whether it
#: counts is decided by the criteria of the outcomes, which stand above this app.
PRORATED_UP_TO, PRORATED_UP_TO_IN_SUBSCALE = 2, 1
_VERDICT = {True: "met", False: "not met", None: "indeterminate"}


@dataclass(frozen=True)
class Answered:
    """One item of a completed form: `points` and `label` of its answer (None and "" where it was not answered)."""

    number: int
    text: str
    points: int | None
    label: str
    review: bool


@dataclass(frozen=True)
class Part:
    """One subscale of a completed form: its sum (None if an item is missing), and its part of the provisional rule."""

    id: str
    label: str
    numbers: tuple[int, ...]
    answered: int
    sum: int | None
    highest: int
    #: As "met, 3 endorsed, 1 needed"; blank if the rule does not speak of this subscale.
    rule_words: str = ""

    @property
    def items(self) -> str:
        """The items it holds, as "items 1–5"."""
        first, last = self.numbers[0], self.numbers[-1]
        if last - first + 1 != len(self.numbers):
            return f"items {', '.join(map(str, self.numbers))}"
        return f"items {first}–{last}" if last > first else f"item {first}"


@dataclass(frozen=True)
class Reading:
    """A completed form as its page shows it."""

    assessment: Assessment
    instrument: Instrument
    items: list[Answered]
    parts: list[Part]

    @property
    def form_label(self) -> str:
        """Which printed form it is."""
        return self.instrument.form(self.assessment.form).label

    @property
    def stem(self) -> str:
        """What was asked of every item."""
        return self.instrument.form(self.assessment.form).stem

    @property
    def highest(self) -> int:
        """The highest possible total."""
        return len(self.items) * self.instrument.max_per_item

    @property
    def answered(self) -> int:
        """How many items were answered."""
        return len(self.items) - self.assessment.missing_items

    @property
    def asks_from(self) -> date:
        """The first day that the answers look back to; the day of completion is the last."""
        return self.assessment.completed_on - timedelta(days=self.assessment.recall_days)

    @property
    def prorated(self) -> int | None:
        """The total if the few missing items were like the others; None if none or too many are missing (rule 7)."""
        form = self.assessment
        few = form.missing_items <= PRORATED_UP_TO and form.most_missing_in_subscale <= PRORATED_UP_TO_IN_SUBSCALE
        if not form.missing_items or not few:
            return None
        return prorated_total(form.answered_sum, form.missing_items, len(self.items))

    @property
    def rule_label(self) -> str:
        """What the provisional rule is called; blank if the questionnaire has none."""
        rule = self.instrument.rule
        return "" if rule is None else str(getattr(rule, "label", "Provisional rule"))

    @property
    def endorsed_from(self) -> int | None:
        """From how many points on an item counts as endorsed, where the rule speaks of that."""
        rule = self.instrument.rule
        return rule.at_least if isinstance(rule, EndorsedRule) else None

    @property
    def to_review(self) -> list[Answered]:
        """The answers that ask for a clinician the same day (rule 10)."""
        return [item for item in self.items if item.review]


@dataclass(frozen=True)
class Version:
    """One version in the history of a form; `changes` is what differs from the one before it, in words."""

    number: int
    assessment: Assessment
    changes: list[str]
    moved: bool


def reading(assessment: Assessment) -> Reading:
    """What a completed form says. No query."""
    instrument = instruments.get(assessment.instrument)
    labels = {option.value: option.label for option in instrument.options}
    items = [
        Answered(
            item.number, item.text, points, labels.get(points, ""), f"item_{item.number}" in assessment.review_flags
        )
        for item, points in zip(instrument.items, assessment.answers, strict=True)
    ]
    return Reading(assessment, instrument, items, _parts(instrument, assessment))


def _parts(instrument: Instrument, assessment: Assessment) -> list[Part]:
    return [
        Part(
            id=part.id,
            label=part.label,
            numbers=part.items,
            answered=sum(assessment.answers[number - 1] is not None for number in part.items),
            sum=assessment.subscales[part.id],
            highest=len(part.items) * instrument.max_per_item,
            rule_words=_rule_words(instrument.rule, part.id, assessment.answers),
        )
        for part in instrument.subscales
    ]


def _rule_words(rule: Any, part_id: str, answers: list[int | None]) -> str:
    if not isinstance(rule, EndorsedRule):
        return ""
    for part, needed in rule.needed:
        if part.id == part_id:
            given = [answers[number - 1] for number in part.items]
            endorsed = sum(points is not None and points >= rule.at_least for points in given)
            return f"{_VERDICT[rule.verdicts(answers)[part_id]]}, {endorsed} endorsed, {needed} needed"
    return ""


def versions(assessment: Assessment) -> list[Assessment]:
    """Every version of this form, the first first, wherever it was moved. One query."""
    first = assessment.first_version_id or assessment.pk
    chain = Assessment.objects.filter(pk=first) | Assessment.objects.filter(first_version_id=first)
    return list(chain.select_related("patient", "entered_by", "voided_by", "index_event").order_by("id"))


def newest_version(assessment: Assessment) -> Assessment:
    """The version that replaced all others; it may be voided, or at another patient."""
    return versions(assessment)[-1]


def history(assessment: Assessment, chain: list[Assessment]) -> list[Version]:
    """The versions with what each changed, as the page of this one may tell them. No query.

    A form that was moved away is followed to the other patient and no further: what is done to it there is hers.
    """
    older: list[Assessment | None] = [None, *chain[:-1]]
    gone = (
        number
        for number, version in enumerate(chain, start=1)
        if version.pk > assessment.pk and version.patient_id != assessment.patient_id
    )
    told = [
        Version(
            number,
            version,
            differences_in_words(before, version) if before else [],
            moved=before is not None and before.patient_id != version.patient_id,
        )
        for number, (before, version) in enumerate(zip(older, chain, strict=True), start=1)
    ]
    return told[: next(gone, len(told))]


def differences_in_words(before: Assessment, after: Assessment) -> list[str]:
    """What a correction changed, as "item 3: 2 → 1"."""
    instrument = instruments.get(after.instrument)
    pairs: list[tuple[str, Any, Any]] = [
        ("form", instrument.form(before.form).label, instrument.form(after.form).label),
        ("completed on", day(before.completed_on), day(after.completed_on)),
        ("given as", before.get_mode_display(), after.get_mode_display()),
    ]
    pairs += [
        (f"item {number}", _said(was), _said(now))
        for number, (was, now) in enumerate(zip(before.answers, after.answers, strict=True), start=1)
    ]
    said = [f"{name}: {was} → {now}" for name, was, now in pairs if was != now]
    said += ["time of day"] if before.completed_at != after.completed_at else []
    return said + (["index event"] if before.index_event_id != after.index_event_id else [])


def _said(points: int | None) -> str:
    return "not answered" if points is None else str(points)


def same_day_form(assessment: Assessment) -> str:
    """Public id of the current form of this kind, patient and day, if there is another; else nothing. One query."""
    same = Assessment.objects.current().filter(
        patient_id=assessment.patient_id,
        instrument=assessment.instrument,
        form=assessment.form,
        completed_on=assessment.completed_on,
    )
    return same.exclude(pk=assessment.pk).order_by("id").values_list("public_id", flat=True).first() or ""


def previous_reading(patient: Patient, instrument: str, before: Assessment | None = None) -> Assessment | None:
    """The latest complete form of this questionnaire, or the latest before this one. One query."""
    found = Assessment.objects.current().filter(patient=patient, instrument=instrument, total__isnull=False)
    if before is not None:
        found = found.filter(completed_on__lt=before.completed_on)
    latest: Assessment | None = found.in_reading_order().last()
    return latest


def index_events(patient: Patient) -> list[IndexEvent]:
    """The events that forms of this patient may refer to, the first first. One query."""
    return list(IndexEvent.objects.not_voided().filter(patient=patient).order_by("id"))


def patient_by_two_identifiers(user: Any, mrn: str, born_on: date) -> Patient | None:
    """The patient with exactly this record number and birth date, for somebody who may record her questionnaires.

    Raises Http404 for who may not (`patient_for`). None does not tell which of the two was wrong.
    """
    found = Patient.objects.filter(mrn=mrn, date_of_birth=born_on).order_by("id")
    public_id = found.values_list("public_id", flat=True).first()
    return patient_for(user, public_id, Action.ASSESSMENT_RECORD) if public_id else None
