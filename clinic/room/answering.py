"""What an open page is told: the parts that changed, the fields that others changed, who else is here."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.utils import timezone

from clinic.room.shown import after, before, chart, dose, during, frame, log
from clinic.room.state import Room
from infusions.models import Infusion, SessionPresence
from infusions.session.fields import NAME_LENGTH
from infusions.session.log import draft_of, is_draft
from infusions.session.words import field_words

#: Somebody who did not ask for so long has left the page; one that is hidden asks every 20 seconds.
_HERE_FOR = timedelta(seconds=30)
#: Presence is written anew no more often than this, unless she is in another field.
_WRITTEN_EVERY = timedelta(seconds=8)

Context = Callable[[Room], dict[str, Any]]
#: The parts of the page that follow from the log, each with a template of its name.
PARTS: dict[str, Context] = {
    "bar": lambda room: {"frame": frame.frame(room)},
    "steps": lambda room: {"frame": frame.frame(room)},
    "alerts": lambda room: {"alerts": during.alerts(room), "warned": during.warned(room)},
    "clock": lambda room: {"clock": during.clock(room)},
    "chart": lambda room: {"chart": chart.chart(room)},
    "dose": lambda room: {"dose": dose.dose(room)},
    "warnings": lambda room: {"before": before.before(room)},
    "against": lambda room: {"against": before.against(room), "room": room},
    "actions": lambda room: {"may": during.actions(room), "early": during.stops_early(room)},
    "discharge": lambda room: {"discharge": after.discharge(room), "may": during.actions(room)},
    "stock": lambda room: {"stock": after.stock(room), "may": during.actions(room)},
    "summary": lambda room: {
        "checks": before.checks(room),
        "answered": before.answered(room.session),
        "signing": after.signing(room),
        "stock": after.stock(room),
        "limits": room.limits,
        "room": room,
    },
    "sign": lambda room: {"signing": after.signing(room), "may": during.actions(room), "room": room},
    "log": log.shown_log,
}


def parts(request: HttpRequest, room: Room) -> dict[str, str]:
    """Every part as HTML."""
    common = {"patient": room.patient, "infusion": room.infusion}
    return {
        name: render_to_string(f"room/parts/{name}.html", {**common, **context(room)}, request)
        for name, context in PARTS.items()
    }


def fields(room: Room, since: int = 0) -> dict[str, dict[str, Any]]:
    """Fields that changed after this entry; of drafts only one's own, under the name that the page gives them."""
    own = draft_of(room.user.pk, "")
    found = {}
    for name, entry in room.session.fields.items():
        if entry.number <= since or (is_draft(name) and not name.startswith(own)):
            continue
        shown = f"my.{name.removeprefix(own)}" if is_draft(name) else name
        found[shown] = {
            "value": entry.value,
            "version": entry.version,
            "by": entry.by,
            "at": room.day_of(entry.at),
            "mine": entry.by_id == room.user.pk,
        }
    return found


def answer(
    request: HttpRequest, room: Room, since: int, others: list[dict[str, str]] | None = None, *, whole: bool = True
) -> HttpResponse:
    """The fields of the session as it is now, for a page that knows its entries up to `since`, and if `whole` the parts."""
    shown = {"parts": parts(request, room)} if whole else {}
    return JsonResponse(
        {
            "latest": room.latest,
            "now": room.now.isoformat(),
            "stage": room.stage.value,
            **shown,
            "fields": fields(room, since),
            "last": during.last_values(room),
            "may": during.actions(room),
            **about(request, room.infusion, room.user, room.now, others),
        }
    )


def about(
    request: HttpRequest, infusion: Infusion, user: Any, now: datetime, others: list[dict[str, str]] | None = None
) -> dict[str, Any]:
    """What every answer says: who is asked for, who else is here, and the token for the next request."""
    here = others_here(infusion, user, now) if others is None else others
    return {
        "user": user.public_id,
        "others": here,
        "csrf": get_token(request),
        "zone": timezone.get_current_timezone_name(),
    }


def others_here(infusion: Infusion, user: Any, now: datetime) -> list[dict[str, str]]:
    """Who else has the session open, with the field she is in. One query."""
    rows = SessionPresence.objects.filter(infusion=infusion, seen_at__gt=now - _HERE_FOR).exclude(user=user)
    return [_words(row) for row in rows.select_related("user").order_by("user__full_name", "user_id")]


def _words(row: SessionPresence) -> dict[str, str]:
    return {"name": str(row.user), "editing": field_words(row.editing) if row.editing else ""}


def told(others: list[dict[str, str]]) -> str:
    """Others in a line, which an open page sends back: it is answered when that has changed."""
    return "; ".join(f"{one['name']} {one['editing']}" for one in others)


def note_presence(infusion: Infusion, user: Any, editing: str, now: datetime) -> list[dict[str, str]]:
    """Keep that somebody has the session open, and say who else has. One query; it is written when it says something new."""
    editing = editing.replace("\x00", "")[:NAME_LENGTH]
    rows = SessionPresence.objects.filter(infusion=infusion).select_related("user")
    known = list(rows.order_by("user__full_name", "user_id"))
    own = next((row for row in known if row.user_id == user.pk), None)
    if own is None or own.editing != editing or now - own.seen_at >= _WRITTEN_EVERY:
        _write_presence(infusion, user, editing, now)
    return [_words(row) for row in known if row.user_id != user.pk and row.seen_at > now - _HERE_FOR]


def _write_presence(infusion: Infusion, user: Any, editing: str, now: datetime) -> None:
    row = SessionPresence(infusion=infusion, user=user, seen_at=now, editing=editing)
    SessionPresence.objects.bulk_create(
        [row], update_conflicts=True, unique_fields=["infusion", "user"], update_fields=["seen_at", "editing"]
    )
