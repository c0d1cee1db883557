"""What is done to courses and infusions. Order inside each transaction: announce, rows, audit event."""

from infusions.services.courses import close_course, open_course, void_course, withdraw_course
from infusions.services.crossings import SignOff, check_infusion, findings_of, printed, refuse_unless_overridden
from infusions.services.giving import plan_infusion, record_infusion
from infusions.services.keeping import (
    WITH_REASON,
    amend_infusion,
    change_infusion_status,
    crossed_limits,
    move_infusion,
    void_infusion,
)
from infusions.services.limits import adopt_limits
from infusions.services.planning import Intervals, intervals_of, plan_series, replan_infusion
from infusions.services.sessions import add_to_session, findings_before, record_session

__all__ = [
    "WITH_REASON",
    "Intervals",
    "SignOff",
    "add_to_session",
    "adopt_limits",
    "amend_infusion",
    "change_infusion_status",
    "check_infusion",
    "close_course",
    "crossed_limits",
    "findings_before",
    "findings_of",
    "intervals_of",
    "move_infusion",
    "open_course",
    "plan_infusion",
    "plan_series",
    "printed",
    "record_infusion",
    "record_session",
    "refuse_unless_overridden",
    "replan_infusion",
    "void_course",
    "void_infusion",
    "withdraw_course",
]
