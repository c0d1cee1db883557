"""The columns of the research export: what each means and from which stored fields it comes. The data dictionary is this."""

from collections.abc import Iterator
from dataclasses import dataclass

from clinic.outcomes.bands import AGE
from clinic.outcomes.criteria import LAST, SCHEDULED_WINDOWS
from clinic.outcomes.statuses import STATUSES
from clinic.transfer.field_classes import classified
from clinic.transfer.research.long_format import ITEMS
from clinic.transfer.research.tables import COURSES, EVENTS, INFUSIONS, READINGS


@dataclass(frozen=True)
class Source:
    """Stored fields, and how an identifying one was made harmless; without a derivation none of them may be identifying."""

    fields: tuple[str, ...]
    derivation: str = ""


@dataclass(frozen=True)
class Column:
    """A column of a file."""

    file: str
    name: str
    type: str
    unit: str
    allowed: str
    meaning: str
    source: Source

    @property
    def kind(self) -> str:
        """The class of what is released: "derived" where an identifying field was coarsened, else that of its fields."""
        classes = {classified()[field] for field in self.source.fields}
        if "identifying" in classes:
            return "derived"
        return "clinical" if "clinical" in classes else "neutral"


_FORM, _INFUSION, _PATIENT = "assessments.Assessment.", "infusions.Infusion.", "patients.Patient."
_COMPLETED, _STARTED = f"{_FORM}completed_on", f"{_INFUSION}started_at"
_SCORE = (f"{_FORM}answered_sum", f"{_FORM}missing_items")
_EPISODE = "patients.PsychotherapyEpisode."
_APART = "days between two dates; neither date is given"
_COUNTED = "a place in the order of time; no date is given"
_NOTED = "whether something is recorded, never what"

_ID = Source((f"{_PATIENT}public_id",), "keyed hash (HMAC-SHA256) of a random number, under the label of the export")
_PLACE = Source((_STARTED,), _COUNTED)
_SERIES_DAYS = Source((_STARTED,), _APART)
_FORM_DAYS = Source((_COMPLETED, _STARTED), _APART)
_ROLE = Source((_COMPLETED, _STARTED), "by the windows of settings.json; no date is given")
_LOOKS_BACK = Source((_COMPLETED, _STARTED, f"{_FORM}recall_days"), "a yes or no from comparing dates")
_TOTAL = Source(_SCORE)
_ANSWERS = Source((f"{_FORM}answers",))
_OUTCOME = Source(
    (*_SCORE, _COMPLETED, _STARTED, f"{_PATIENT}criterion_a"), "by the criteria of settings.json; no date is given"
)
_GIVEN = Source((f"{_INFUSION}status", f"{_INFUSION}dose_mg_given"))
_DOSE = Source((f"{_INFUSION}dose_mg_given", f"{_INFUSION}weight_kg", f"{_INFUSION}dose_mg_per_kg"))
_AGE = Source((f"{_PATIENT}date_of_birth", _STARTED), "one of three bands of years; small groups pooled")
_THERAPY = Source(
    (
        "infusions.Course.psychotherapy_at_start",
        f"{_PATIENT}psychotherapy_at_intake",
        f"{_EPISODE}started_on",
        f"{_EPISODE}ended_on",
    ),
    "whether an episode overlaps the course; no date is given",
)
_MEDICINES = Source(
    ("infusions.Course.psychiatric_medications_at_start", f"{_PATIENT}psychiatric_medications_at_intake")
)
_GRADE, _SERIOUS = Source(("infusions.AdverseEvent.ctcae_grade",)), Source(("infusions.AdverseEvent.serious",))
_TERM = Source(("infusions.AdverseEvent.term",), "only terms of the pick-list that enough patients had; else other")

_YES_NO = "0 no; 1 yes"
_SAID = "yes; no; not_recorded"
_SCHEDULED = tuple(window.name for window in SCHEDULED_WINDOWS)
_WINDOWS = tuple(name.lower() for name in (*_SCHEDULED, LAST))

#: name, type, unit, allowed values, meaning, source.
_Row = tuple[str, str, str, str, str, Source]
_KEYS: list[_Row] = [
    ("study_id", "text", "", "16 letters", "The patient, alike in every file and export of one label", _ID),
    ("course", "integer", "", "1, 2, …", "The patient's outcome course", _PLACE),
]
_READINGS: list[_Row] = [
    ("day", "integer", "days", "", "Days from the course's first infusion; negative before it", _FORM_DAYS),
    (
        "day_after_last",
        "integer",
        "days",
        "0 or more",
        "Days from its last induction infusion; blank before it",
        _FORM_DAYS,
    ),
    (
        "recall_days",
        "integer",
        "days",
        "7; 30",
        "Days the form asks about: week or month",
        Source((f"{_FORM}recall_days",)),
    ),
    (
        "role",
        "text",
        "",
        f"blank; baseline; {'; '.join(_WINDOWS)}",
        "For its course; several windows divided by ;",
        _ROLE,
    ),
    ("baseline_of_course", "integer", "", "1, 2, …", "The course whose baseline it is: its own or the next", _ROLE),
    ("total", "integer", "points", "0–80", "PCL-5 total, prorated where few items are missing", _TOTAL),
    *(
        (
            f"cluster_{key}",
            "integer",
            "points",
            f"0–{most}",
            f"Cluster {key.upper()}; blank if an item is missing",
            _ANSWERS,
        )
        for key, most in (("b", 20), ("c", 8), ("d", 28), ("e", 24))
    ),
    *((f"item_{n:02}", "integer", "points", "0–4", f"Item {n}; blank if not answered", _ANSWERS) for n in ITEMS),
    ("prorated", "boolean", "", _YES_NO, "The total is prorated", Source((f"{_FORM}missing_items",))),
    ("covers_pretreatment", "boolean", "", _YES_NO, "The form looks back to before the first infusion", _LOOKS_BACK),
]
_COURSES: list[_Row] = [
    ("days_since_first_course", "integer", "days", "0 or more", "Days from the patient's first infusion", _SERIES_DAYS),
    ("age_band", "text", "years", "; ".join([*(b.key for b in AGE), "suppressed"]), "Age at her first infusion", _AGE),
    (
        "gender",
        "text",
        "",
        "female; male; nonbinary; other; not_recorded; suppressed",
        "",
        Source((f"{_PATIENT}gender",)),
    ),
    ("psychotherapy", "text", "", f"{_SAID}; suppressed", "At the start or during the course", _THERAPY),
    (
        "medications",
        "text",
        "",
        "0; 1; 2; 3+; not_recorded; suppressed",
        "Psychiatric medicines at the start",
        _MEDICINES,
    ),
    ("infusions", "integer", "", "1 or more", "Given, with the maintenance and boosters that follow", _GIVEN),
    ("induction_infusions", "integer", "", "1 or more", "Given in the induction", _GIVEN),
    (
        "days_in_series",
        "integer",
        "days",
        "0 or more",
        "Days from the first to the last induction infusion",
        _SERIES_DAYS,
    ),
    ("mean_mg_per_kg", "number", "mg/kg", "two decimals", "Mean dose of the intravenous infusions", _DOSE),
    ("baseline_total", "integer", "points", "0–80", "PCL-5 total at baseline", _OUTCOME),
    (
        "eligible",
        "boolean",
        "",
        _YES_NO,
        "Counts in rates: baseline high enough, criterion A not judged unmet",
        _OUTCOME,
    ),
    ("status", "text", "", "; ".join(STATUSES[1:]), "Where the course stands at the end of the records", _OUTCOME),
]
_INFUSIONS: list[_Row] = [
    ("session", "integer", "", "1, 2, …", "Infusion that counts for the course", _PLACE),
    ("phase", "text", "", "induction; maintenance; booster", "", Source(("infusions.Course.phase",))),
    ("day", "integer", "days", "0 or more", "Days from the course's first infusion", _SERIES_DAYS),
    (
        "mg_per_kg",
        "number",
        "mg/kg",
        "two decimals",
        "Dose given, intravenous alone; weight and mg are not given",
        _DOSE,
    ),
    ("minutes", "number", "minutes", "", "Length", Source((f"{_INFUSION}minutes",))),
    ("eye_mask", "text", "", _SAID, "", Source((f"{_INFUSION}eye_mask",))),
    ("music", "text", "", _SAID, "", Source((f"{_INFUSION}music",))),
    (
        "preparation",
        "boolean",
        "",
        _YES_NO,
        "A note of preparation exists",
        Source((f"{_INFUSION}preparation_note",), _NOTED),
    ),
    ("intention", "boolean", "", _YES_NO, "An intention is recorded", Source((f"{_INFUSION}intention",), _NOTED)),
    (
        "integration",
        "boolean",
        "",
        _YES_NO,
        "A note of integration exists",
        Source(("infusions.IntegrationNote.text",), _NOTED),
    ),
]
_EVENTS: list[_Row] = [
    ("session", "integer", "", "1, 2, …", "The session of infusions.csv", _PLACE),
    ("term", "text", "", "terms of the pick-list; other", "What happened; small groups pooled", _TERM),
    ("ctcae_grade", "text", "", "1–5; suppressed", "CTCAE v5; small groups pooled", _GRADE),
    ("serious", "text", "", f"{_YES_NO}; suppressed", "Small groups pooled", _SERIOUS),
]


def _of_window(name: str) -> Iterator[_Row]:
    at = f"at the endpoint of {name}" if name != LAST else "at the latest reading after the last induction infusion"
    low = name.lower()
    yield f"{low}_day", "integer", "days", "1 or more", f"Days from the last induction infusion, {at}", _FORM_DAYS
    yield f"{low}_total", "integer", "points", "0–80", f"PCL-5 total {at}", _OUTCOME
    yield f"{low}_reduction", "integer", "points", "−80–80", f"Baseline minus total {at}; positive is better", _OUTCOME
    yield f"{low}_response", "boolean", "", _YES_NO, f"Response {at}", _OUTCOME
    yield f"{low}_remission", "boolean", "", _YES_NO, f"Remission {at}", _OUTCOME


_FILES = {
    READINGS: _READINGS,
    COURSES: [*_COURSES, *(row for name in (*_SCHEDULED, LAST) for row in _of_window(name))],
    INFUSIONS: _INFUSIONS,
    EVENTS: _EVENTS,
}
#: Every column of every file, in order.
COLUMNS = tuple(Column(file, *row) for file, rows in _FILES.items() for row in (*_KEYS, *rows))


def dictionary() -> list[dict[str, str]]:
    """The rows of data_dictionary.csv."""
    return [
        {
            "file": column.file,
            "column": column.name,
            "type": column.type,
            "unit": column.unit,
            "allowed_values": column.allowed,
            "meaning": column.meaning or column.name.replace("_", " ").capitalize(),
            "source": ": ".join(filter(None, [" ".join(column.source.fields), column.source.derivation])),
            "class": column.kind,
        }
        for column in COLUMNS
    ]
