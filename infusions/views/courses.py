"""Courses: open, close, withdraw, void."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from clinic.policy import Action
from clinic.web.forms import PageForm, ReasonForm
from clinic.web.gate import FORM, redirect
from clinic.web.saving import create_once, save_edit, status_of
from infusions import services
from infusions.forms.courses import CloseCourseForm, OpenCourseForm, WithdrawCourseForm
from infusions.models import Course, Infusion
from patients.gate import patient_page
from patients.models import Patient

#: What each form is called, what its button does, and how that button looks.
_WORDS = {
    "course_open": ("Open a course", "Open course", "btn-primary"),
    "course_close": ("Close course", "Close course", "btn-primary"),
    "course_withdraw": ("Withdraw from course", "Withdraw from course", "btn-danger"),
    "course_void": ("Void course", "Void course", "btn-danger"),
}


@patient_page(Action.COURSE_MANAGE, FORM)
def open_course(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Open the patient's next course."""
    now = timezone.now()
    form = OpenCourseForm(
        request.POST if request.method == "POST" else None, patient=patient, today=timezone.localdate(now)
    )

    def save() -> str:
        course = services.open_course(actor=request.user, patient=patient, now=now, **form.course_fields())
        return _saved(request, patient, f"Course {course.number} is open.")

    if request.method == "POST" and (saved := create_once(request, form, save)):
        return saved
    last = Course.objects.not_voided().filter(patient=patient).order_by("-number").first()
    return _form_page(request, patient, form, "course_open", last=last)


@patient_page(Action.COURSE_MANAGE, FORM)
def close(request: HttpRequest, patient: Patient, course_id: str) -> HttpResponse:
    """Say when a course was over."""
    now, course = timezone.now(), _course(patient, course_id)
    if course.voided_at:
        return redirect(_courses_of(patient))
    today = timezone.localdate(now)
    initial = {"version": course.version, "closed_on": course.closed_on or today}
    form = CloseCourseForm(
        request.POST if request.method == "POST" else None, patient=patient, course=course, today=today, initial=initial
    )

    def save() -> str:
        said = {name: form.cleaned_data[name] for name in ("version", "closed_on")}
        services.close_course(actor=request.user, course=course, now=now, **said)
        return _saved(request, patient, f"Course {course.number} is closed.")

    if request.method == "POST" and (saved := save_edit(form, save)):
        return saved
    return _form_page(request, patient, form, "course_close", course=course)


@patient_page(Action.COURSE_MANAGE, FORM)
def withdraw(request: HttpRequest, patient: Patient, course_id: str) -> HttpResponse:
    """Note that the patient withdrew from a course, when and why."""
    now, course = timezone.now(), _course(patient, course_id)
    if course.voided_at:
        return redirect(_courses_of(patient))
    today = timezone.localdate(now)
    initial = {
        "version": course.version,
        "withdrawn_on": course.withdrawn_on or today,
        "reason": course.withdrawn_reason,
    }
    form = WithdrawCourseForm(
        request.POST if request.method == "POST" else None, patient=patient, course=course, today=today, initial=initial
    )

    def save() -> str:
        said = {name: form.cleaned_data[name] for name in ("version", "withdrawn_on", "reason")}
        services.withdraw_course(actor=request.user, course=course, now=now, **said)
        return _saved(request, patient, f"The patient is withdrawn from course {course.number}.")

    if request.method == "POST" and (saved := save_edit(form, save)):
        return saved
    return _form_page(request, patient, form, "course_withdraw", course=course)


@patient_page(Action.COURSE_MANAGE, FORM)
def void(request: HttpRequest, patient: Patient, course_id: str) -> HttpResponse:
    """Void a course recorded by mistake; it stays readable and its infusions no longer count."""
    course = _course(patient, course_id)
    if course.voided_at:
        return redirect(_courses_of(patient))
    form = ReasonForm(request.POST if request.method == "POST" else None)

    def save() -> str:
        reason = form.cleaned_data["reason"]
        services.void_course(actor=request.user, course=course, reason=reason, now=timezone.now())
        return _saved(request, patient, f"Course {course.number} is voided.")

    if request.method == "POST" and (saved := save_edit(form, save)):
        return saved
    given = Infusion.objects.given().filter(course=course).count()
    return _form_page(request, patient, form, "course_void", course=course, given=given)


def _course(patient: Patient, course_id: str) -> Course:
    courses: Any = Course.objects
    course: Course = get_object_or_404(courses.filter(patient=patient), public_id=course_id)
    return course


def _courses_of(patient: Patient) -> str:
    return reverse("pages:patient_courses", args=[patient.public_id])


def _saved(request: HttpRequest, patient: Patient, said: str) -> str:
    messages.success(request, said)
    return _courses_of(patient)


def _form_page(request: HttpRequest, patient: Patient, form: PageForm, name: str, **context: Any) -> HttpResponse:
    title, save_label, submit_class = _WORDS[name]
    number = f" {context['course'].number}" if "course" in context else ""
    context |= {"title": title + number, "save_label": save_label + number, "submit_class": submit_class}
    context |= {"patient": patient, "form": form, "back": _courses_of(patient), "section": "patients"}
    return render(request, f"infusions/{name}.html", context, status=status_of(form))
