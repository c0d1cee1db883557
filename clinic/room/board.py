"""The chair board: all sessions of the room at a glance, kept up to date while somebody looks at it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from clinic.pages.room_links import MOST_UNSIGNED, unsigned
from clinic.pages.shown import note_list_shown, note_who_joined
from clinic.policy import Action
from clinic.room.board_cards import board
from clinic.web.fresh import part
from clinic.web.gate import page

#: As the audit trail calls it.
_LIST = "infusion rooms"
#: Where the cards stand: on the board itself, or on somebody's home, which says less around them.
_PLACES = frozenset({"board", "home"})


@page(Action.INFUSION_RECORD)
def rooms(request: HttpRequest) -> HttpResponse:
    """The board; with `part` its cards alone, for an open page to ask (`shown` names what it shows)."""
    now = timezone.now()
    shown = board(request.user, now)
    place, known = request.GET.get("part", ""), request.GET.get("shown", "")
    if place in _PLACES:
        if known != shown.key:
            note = note_who_joined if known else note_list_shown
            note(request.user, _LIST, shown.patient_ids, now=now)
        context = {"board": shown, "place": place, "now": now}
        return part(request, "room/board_cards.html", context, shown=shown.key, rest_follows=False)
    late = unsigned(now)
    listed = shown.patient_ids | {one.patient.pk for one in late}
    note_list_shown(request.user, _LIST, listed, now=now)
    waits = {"unsigned": late, "unsigned_count": str(len(late)) if len(late) < MOST_UNSIGNED else f"{MOST_UNSIGNED}+"}
    context = {"board": shown, "place": "board", "now": now, "waits": waits}
    return render(request, "room/board.html", context | {"current": "board", "section": "infusions"})
