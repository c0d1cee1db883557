"""Courses, infusions, what was observed during them, and the log of a session kept in the infusion room."""

from infusions.models.records import (
    DEFAULT_PLANNED_INFUSIONS,
    ENDED,
    NEXT_STATUSES,
    AdverseEvent,
    Course,
    Infusion,
    IntegrationNote,
    LimitsVersion,
    Phase,
    Route,
    SessionEntry,
    Status,
    VitalSigns,
)
from infusions.models.session import SessionEvent, SessionPresence, StockEntry

__all__ = [
    "DEFAULT_PLANNED_INFUSIONS",
    "ENDED",
    "NEXT_STATUSES",
    "AdverseEvent",
    "Course",
    "Infusion",
    "IntegrationNote",
    "LimitsVersion",
    "Phase",
    "Route",
    "SessionEntry",
    "SessionEvent",
    "SessionPresence",
    "Status",
    "StockEntry",
    "VitalSigns",
]
