"""Planning ahead: one infusion, a course filled as a series in two steps, a planned infusion moved to another time."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from clinic.policy import Action
from clinic.web.gate import FORM, redirect
from clinic.web.saving import create_once, save_edit, status_of
from clinic.web.templatetags.tidemark import moment as moment_words
from infusions import services
from infusions.forms.series import MomentRow, PlanForm, ReplanForm, SeriesForm, SeriesRuleForm
from infusions.gate import address_of, context, course_of, of_infusion, outside_room
from infusions.limits import Finding, Level
from infusions.models import Course, Infusion, Status
from infusions.selectors import given_before, left_to_plan, planned_infusions
from infusions.services import Intervals, intervals_of
from infusions.views.dose_check import Shown, shown
from patients.gate import patient_page
from patients.models import Patient

_LOOK_FIRST = "Look at the warnings below. To keep these times nevertheless, save again."


@dataclass(frozen=True)
class Proposed:
    """A row of the proposal with its moment, if it is right, and what that crosses."""

    row: MomentRow
    moment: datetime | None
    findings: list[Shown]


def _told(findings: Iterable[Finding]) -> list[Shown]:
    """Findings as a plan shows them: nothing is signed before the infusion starts."""
    return [
        Shown("override", "warn", "A prescriber’s reason will be asked for at the start", one.message)
        if one.level is Level.OVERRIDE
        else shown(one)
        for one in findings
    ]


def _warnings(intervals: Intervals) -> list[Finding]:
    """Everything that the page warns of, in its order."""
    told = [*intervals.proposed, *(findings for _, findings in intervals.standing)]
    return [finding for findings in told for finding in findings]


@patient_page(Action.INFUSION_RECORD, FORM)
def plan(request: HttpRequest, patient: Patient, course_id: str) -> HttpResponse:
    """Plan an infusion of a course."""
    course, data = course_of(patient, course_id), request.POST if request.method == "POST" else None
    form = PlanForm(data, patient=patient, now=timezone.now(), initial={"prescriber": request.user})

    def save() -> str:
        moment, prescriber = form.cleaned_data["planned_for"], form.cleaned_data["prescriber"]
        intervals = intervals_of(patient, [moment])
        if not form.shows(_warnings(intervals)):
            raise ValidationError([_LOOK_FIRST, *_in_a_list(intervals)])
        [planned] = services.plan_series(actor=request.user, course=course, moments=[moment], prescriber=prescriber)
        return address_of(planned)

    if done := create_once(request, form, save):
        return done
    words = {"title": f"Plan an infusion of course {course.number}", "save_label": "Save the plan"}
    page = context(patient, form=form, back=_courses_of(patient), **words)
    return render(request, "components/form_page.html", page, status=status_of(form))


def _in_a_list(intervals: Intervals) -> list[str]:
    """The warnings one by one; those of what is planned already with its time."""
    own = [finding.message for findings in intervals.proposed for finding in findings]
    others = [(moment_words(one.planned_for), findings) for one, findings in intervals.standing]
    return own + [f"Planned for {at}: {finding.message}" for at, findings in others for finding in findings]


@patient_page(Action.INFUSION_RECORD, FORM)
def plan_series(request: HttpRequest, patient: Patient, course_id: str) -> HttpResponse:
    """Fill a course: a rule first, then its moments to be changed, checked and saved all at once."""
    course, now = course_of(patient, course_id), timezone.now()
    rule = _rule_form(request, course, now)
    step = request.POST.get("step", "rule")
    if step in {"check", "save"}:
        form = SeriesForm(request.POST, patient=patient, now=now)
        if step == "save" and (done := _save_series(request, form, course)):
            return done
        return _proposal_page(request, form, course, rule)
    if not rule.is_bound or not rule.is_valid() or step == "back":
        counts = {"given": given_before(course), "begun": planned_infusions(course).count()}
        page = context(patient, form=rule, course=course, back=_courses_of(patient), **counts)
        return render(request, "infusions/series_rule.html", page, status=status_of(rule))
    proposed = SeriesForm(
        patient=patient, now=now, moments=rule.moments, initial={"prescriber": rule.cleaned_data["prescriber"]}
    )
    return _proposal_page(request, proposed, course, rule)


def _rule_form(request: HttpRequest, course: Course, now: datetime) -> SeriesRuleForm:
    data = request.POST if request.method == "POST" else None
    initial = {"prescriber": request.user, "count": left_to_plan(course) or None} if data is None else None
    return SeriesRuleForm(data, patient=course.patient, now=now, initial=initial)


def _save_series(request: HttpRequest, form: SeriesForm, course: Course) -> HttpResponse | None:
    def save() -> str:
        moments = form.moments
        if not form.shows(_warnings(intervals_of(course.patient, moments))):
            raise ValidationError(_LOOK_FIRST)
        prescriber = form.cleaned_data["prescriber"]
        planned = services.plan_series(actor=request.user, course=course, moments=moments, prescriber=prescriber)
        said = "1 infusion was planned." if len(planned) == 1 else f"{len(planned)} infusions were planned."
        messages.success(request, said)
        return reverse("pages:patient_sessions", args=[course.patient.public_id])

    return create_once(request, form, save)


def _proposal_page(request: HttpRequest, form: SeriesForm, course: Course, rule: SeriesRuleForm) -> HttpResponse:
    rows = [(row, row.moment) for row in form.rows]
    intervals = intervals_of(course.patient, [moment for _, moment in rows if moment])
    form.shows(_warnings(intervals))
    found = iter(intervals.proposed)
    page = context(
        course.patient,
        form=form,
        rule=rule,
        course=course,
        proposed=[Proposed(row, moment, _told(next(found)) if moment else []) for row, moment in rows],
        count=len(intervals.proposed),
        warned=sum(bool(findings) for findings in intervals.proposed),
        standing=[(infusion, _told(findings)) for infusion, findings in intervals.standing],
        back=_courses_of(course.patient),
    )
    return render(request, "infusions/series_moments.html", page, status=status_of(form))


@patient_page(Action.INFUSION_RECORD, FORM)
@of_infusion
@outside_room
def replan(request: HttpRequest, patient: Patient, infusion: Infusion) -> HttpResponse:
    """Move a planned infusion to another time or clinician, with a reason."""
    if infusion.status != Status.PLANNED:
        messages.info(request, "This infusion is no longer planned: its time cannot be moved.")
        return redirect(address_of(infusion))
    initial = {name: getattr(infusion, name) for name in ("planned_for", "prescriber", "version")}
    data = request.POST if request.method == "POST" else None
    form = ReplanForm(data, patient=patient, now=timezone.now(), initial=initial)

    def save() -> str:
        given = form.cleaned_data
        if not form.shows(_warnings(intervals_of(patient, [given["planned_for"]], unless=infusion))):
            raise ValidationError(_LOOK_FIRST)
        fields = {name: given[name] for name in ("version", "planned_for", "prescriber", "reason")}
        moved = services.replan_infusion(actor=request.user, infusion=infusion, **fields)
        messages.success(request, "The infusion was moved.")
        return address_of(moved)

    if done := save_edit(form, save):
        return done
    return _replan_page(request, form, infusion)


def _replan_page(request: HttpRequest, form: ReplanForm, infusion: Infusion) -> HttpResponse:
    moment = form.cleaned_data.get("planned_for") if form.is_bound else infusion.planned_for
    intervals = intervals_of(infusion.course.patient, [moment] if moment else [], unless=infusion)
    form.shows(_warnings(intervals))
    page = context(
        infusion.course.patient,
        form=form,
        infusion=infusion,
        moment=moment,
        findings=_told(finding for findings in intervals.proposed for finding in findings),
        standing=[(other, _told(findings)) for other, findings in intervals.standing],
        back=address_of(infusion),
    )
    return render(request, "infusions/infusion_replan.html", page, status=status_of(form))


def _courses_of(patient: Patient) -> str:
    return reverse("pages:patient_courses", args=[patient.public_id])
