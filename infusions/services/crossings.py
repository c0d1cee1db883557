"""Which limits an infusion crosses, and who must answer for it before it is saved."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from clinic.policy import Action
from infusions.dosing import check_dose, check_interval
from infusions.limits import Finding, Level, Limits
from infusions.models import Infusion, Route, Status

#: Where a finding of the pure files stands on a form of an infusion.
FIELDS = {
    "mg_per_kg": "dose_mg_per_kg",
    "mg": "dose_mg_ordered",
    "start_at": "started_at",
    "rate_mg_per_kg_per_min": "minutes",
}


@dataclass(frozen=True)
class SignOff:
    """Who answers for crossed limits: why the person who saves overrides them and, above the cap, who signs too.

    `unnamed_second` stands for a second signature on paper; only what no person enters (a script) may use it.
    """

    reason: str = ""
    second: Any = None
    unnamed_second: bool = False

    def answer_for(self, findings: Collection[Finding], actor: Any) -> dict[str, Any]:
        """What the audit event keeps of `findings`. Raises ValidationError for what is rejected or not signed."""
        overrides = any(finding.level is Level.OVERRIDE for finding in findings)
        needs_second = any(finding.sign_offs > 1 for finding in findings)
        if needs_second and self.second is not None:
            _check_second(actor, self.second)
        signed = self.second is not None or (actor is None and self.unnamed_second)
        refuse_unless_overridden(findings, self.reason, signed)
        if overrides and actor is not None and not actor.may(Action.DOSE_OVERRIDE):
            raise ValidationError({"override_reason": "Only a prescriber may override a limit. Ask one to save this."})
        told: dict[str, Any] = {"crossed": [finding.message for finding in findings]}
        told["override"] = self.reason.strip() if overrides else ""
        if needs_second and self.second is not None:
            told["second_sign_off"] = {"user": self.second.pk, "name": str(self.second)}
        return told


def _check_second(actor: Any, second: Any) -> None:
    if actor is not None and second.pk == actor.pk:
        raise ValidationError({"second_signer": "The second signature must be another prescriber's. Choose another."})
    if not second.may(Action.DOSE_OVERRIDE):
        raise ValidationError({"second_signer": f"{second} is no prescriber here. Choose another."})


def printed(findings: Iterable[Finding]) -> list[Finding]:
    """The findings with numbers as a page prints them: two decimals (four digits, if small) and a true minus."""
    return [replace(finding, message=_NUMBER.sub(_as_printed, finding.message)) for finding in findings]


#: A number with decimals, or a negative one.
_NUMBER = re.compile(r"(?<![\w.])(-?)(\d+(?:\.\d+)?)(?![\d.]*[\de])")


def _as_printed(found: re.Match[str]) -> str:
    sign, digits = found.groups()
    number = digits
    if "." in digits:
        exact = Decimal(digits)
        number = f"{exact.quantize(Decimal(1).scaleb(-max(2, 3 - exact.adjusted())), ROUND_HALF_UP):f}"
    number = number.rstrip("0").rstrip(".") if "." in number else number
    return ("−" if sign else "") + number


def check_infusion(infusion: Infusion, limits: Limits) -> list[Finding]:
    """Every limit that an infusion with a start crosses, given the patient's earlier ones. Queries: one."""
    earlier = list(
        Infusion.objects.given()
        .of_patient(infusion.course.patient_id)
        .filter(started_at__lte=infusion.started_at)
        .exclude(pk=infusion.pk)
        .only("started_at", "weight_kg", "dose_mg_per_kg")
        .order_by("started_at", "id")
    )
    return findings_of(infusion, earlier, limits)


def findings_of(infusion: Infusion, earlier: Iterable[Infusion], limits: Limits) -> list[Finding]:
    """Every limit that an infusion crosses after the patient's `earlier` given ones, oldest first (rule 47).

    The limits on minutes and rate speak of an order: they do not judge an infusion that was stopped early.
    """
    before = list(earlier)
    start_at = infusion.started_at.astimezone(timezone.get_current_timezone())  # type: ignore[union-attr]
    starts = [other.started_at for other in before if other.started_at]
    findings = printed(check_interval(limits, start_at=start_at, previous_starts=starts))
    if infusion.route != Route.IV:
        return findings  # the rules print dose limits for the intravenous route only
    weights = [other.weight_kg for other in before if other.weight_kg]
    doses = [other.dose_mg_per_kg for other in before if other.dose_mg_per_kg]
    amounts = [mg for mg in (infusion.dose_mg_ordered, infusion.dose_mg_given) if mg is not None]
    found = check_dose(
        limits,
        weight_kg=infusion.weight_kg,
        last_weight_kg=weights[-1] if weights else None,
        mg_per_kg=infusion.dose_mg_per_kg,
        previous_mg_per_kg=doses[-1] if doses else None,
        mg=max(amounts, default=None),  # more given than ordered is judged too
        minutes=None if infusion.status == Status.STOPPED_EARLY else infusion.minutes,
    )
    return findings + printed(found)


def refuse_unless_overridden(findings: Iterable[Finding], override_reason: str, second_sign_off: bool) -> None:
    """Raise ValidationError, a message per field, for what is rejected or lacks the reason or sign-off it asks for."""
    refused: dict[str, list[str]] = {}
    for finding in findings:
        if finding.level is Level.REJECT:
            refused.setdefault(FIELDS.get(finding.field, finding.field), []).append(finding.message)
        elif finding.level is Level.OVERRIDE and not override_reason.strip():
            refused.setdefault("override_reason", []).append(finding.message)
        elif finding.sign_offs > 1 and not second_sign_off:
            refused.setdefault("second_signer", []).append(finding.message)
    if refused:
        raise ValidationError(refused)
