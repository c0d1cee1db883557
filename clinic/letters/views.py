"""Letters of a patient: those that were made, writing one with its preview, and taking its PDF again."""

from collections.abc import Callable

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from clinic.letters.course_record import courses_of
from clinic.letters.draft import Draft, draft_of
from clinic.letters.forms import LetterForm
from clinic.letters.models import Letter
from clinic.letters.selectors import letters_of
from clinic.letters.services import CHANGED, ChangedSincePreviewError, make_letter, note_download
from clinic.pages.patient_header import patient_header
from clinic.pages.patient_record import page_of
from clinic.policy import Action
from clinic.web.gate import FORM
from clinic.web.saving import create_once, status_of
from patients.gate import patient_page
from patients.models import Patient

_TYPED = "You changed the letter after its preview. Read it again as it is now below, then make it."


@patient_page(Action.LETTER_WRITE)
def letters(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Every letter that was made, the latest first."""
    page = page_of(letters_of(patient), request.GET.get("page", "1"))
    header = patient_header(patient, request.user, timezone.now())
    context = {"section": "patients", "tab": "letters:letters", "header": header, "patient": patient, "page": page}
    return render(request, "letters/letters.html", context)


@patient_page(Action.LETTER_WRITE, FORM)
def new(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Write a letter: typed, read as it would be, and only then made. The answer to that is its PDF."""
    form = LetterForm(request.POST if request.method == "POST" else None, courses=courses_of(patient))
    draft = None
    if request.method == "POST" and form.is_valid():
        draft = draft_of(patient, form.asked(), author=request.user, now=timezone.now())
        if "make" in request.POST and (made := create_once(request, form, _making(request, patient, form, draft))):
            return made
        form.show_preview(draft)
    context = {"section": "patients", "patient": patient, "form": form, "draft": draft}
    return render(request, "letters/new.html", context, status=status_of(form))


@patient_page(Action.LETTER_WRITE, noted=False)  # each download is an event of its own
def letter(request: HttpRequest, patient: Patient, letter_id: str) -> HttpResponse:
    """The very PDF that was made."""
    found: Letter = get_object_or_404(Letter.objects.filter(patient=patient), public_id=letter_id)
    note_download(actor=request.user, letter=found)
    headers = {"Content-Disposition": f'attachment; filename="{found.file_name}"'}
    return HttpResponse(bytes(found.pdf), content_type="application/pdf", headers=headers)


def _making(request: HttpRequest, patient: Patient, form: LetterForm, draft: Draft) -> Callable[[], str]:
    """What makes the letter that was read and gives its address. The PDF is drawn here, before the transaction."""
    from clinic.letters.pdf import letter_pdf

    problem = _problem(form.cleaned_data["seen"], draft)
    file = b"" if problem else letter_pdf(draft.content)

    def save() -> str:
        try:
            if problem:
                raise ChangedSincePreviewError(problem)
            made = make_letter(actor=request.user, patient=patient, draft=draft, pdf=file, now=timezone.now())
        except ValidationError:
            form.conflict = True
            raise
        return reverse("letters:letter", args=[patient.public_id, made.public_id])

    return save


def _problem(seen: str, draft: Draft) -> str:
    """Why a letter that was read cannot be made of this draft; empty when it can."""
    if draft.not_ready:
        return f"The outcomes are not up to date: {draft.not_ready}. Look again in a moment, then make the letter."
    if seen == draft.seen:
        return ""
    return CHANGED if seen.partition(".")[0] == draft.typed else _TYPED
