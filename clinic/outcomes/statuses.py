"""The names of what can come of a course."""

#: Rule 27a's names, in the order in which they are decided.
STATUSES = (
    "NOT_STARTED",
    "NO_BASELINE",
    "BELOW_CUT",
    "AWAITING",
    "WORSENED",
    "REMISSION",
    "RESPONSE",
    "RELAPSED",
    "NO_RESPONSE",
)
#: The statuses that rest on a follow-up; only these can be provisional.
FOLLOWED_STATUSES = STATUSES[4:]
#: Rule 23, from worst to best.
CATEGORIES = ("no_response", "response_at_or_above_cut", "response_below_cut", "response_at_most_28")
