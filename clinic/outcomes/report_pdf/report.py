"""The clinic report: what the dashboard shows, on paper, to be kept, sent and printed."""

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone
from reportlab.platypus import CondPageBreak, Flowable

from clinic.outcomes import study
from clinic.outcomes.dashboard import Dashboard
from clinic.outcomes.definitions import window_label
from clinic.outcomes.report_pdf.cover import TITLE, TO_KNOW, Extract, cover
from clinic.outcomes.report_pdf.figures import figures
from clinic.outcomes.report_pdf.headline import headline
from clinic.outcomes.report_pdf.method import method
from clinic.pdf.document import Heading, Paper, made
from clinic.pdf.words import note, words
from clinic.profile.selectors import current_profile
from clinic.profile.zone import in_clinic_time
from clinic.web.templatetags.tidemark import day


def report_pdf(board: Dashboard, *, by: str, now: datetime) -> bytes:
    """The PDF of a dashboard with details. The same dashboard, person and moment give the same bytes.

    Raises ValueError for a dashboard that shows nothing.
    """
    if board.summary is None or board.nothing:
        raise ValueError("a dashboard that shows nothing has no report")
    with in_clinic_time():
        clinic = current_profile().name
        extract = Extract(by, now, timezone.get_current_timezone_name(), clinic)
        upto = day(board.summary.as_of)
        window = window_label(board.criteria, board.window)
        paper = Paper(
            title=f"{TITLE}, {clinic}" if clinic else TITLE,
            author=clinic or "Tidemark",
            subject=f"{window}; {board.definition}; records up to {upto}",
            head=(f"{clinic} · {TITLE}" if clinic else TITLE, window),
            foot=f"{board.definition} · records up to {upto}",
        )
        return made(paper, lambda: _story(board, extract))


def _story(board: Dashboard, extract: Extract) -> Sequence[Flowable]:
    return [*cover(board, extract), *headline(board), *method(board), *figures(board), *_caveats()]


def _caveats() -> list[Flowable]:
    """What has to be read beside every figure."""
    return [
        CondPageBreak(140),
        Heading("What has to be read beside these figures"),
        words("What has to be read beside these figures", "h2"),
        *map(note, (TO_KNOW, *study.CAVEATS)),
    ]
