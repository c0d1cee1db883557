"""The ground of every PDF: its typeface, its words that stay words, its colours, head, foot and outline."""

import hashlib
import io
import re
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.conf import settings
from pypdf import PdfReader

from clinic.pdf.colours import TOKENS
from clinic.pdf.document import WIDTH, Heading, Paper, fitting, made
from clinic.pdf.lacking import not_writable
from clinic.pdf.pen import TALLEST, Drawing, Pen
from clinic.pdf.tables import plain_table, ruled
from clinic.pdf.type import FILES, FOLDER, UNKNOWN, writable
from clinic.pdf.words import marked, note, strong_then, struck, with_index, words

PAPER = Paper(title="A title", author="An author", subject="A subject", head=("left", "right"), foot="the foot")


def read(story: Callable[[], Sequence[Any]], paper: Paper = PAPER) -> PdfReader:
    return PdfReader(io.BytesIO(made(paper, story)))


def text_of(reader: PdfReader) -> str:
    return "\n".join(page.extract_text() for page in reader.pages)


def test_the_vendored_fonts_are_those_of_their_table() -> None:
    rows = re.findall(
        r"`([\w-]+\.ttf)` \|[^|]+\(`(\w+)`\) \| `([0-9a-f]{64})`", (FOLDER / "README.md").read_text("utf-8")
    )
    assert {file for file, _, _ in rows} == set(FILES.values()) == {path.name for path in FOLDER.glob("*.ttf")}
    for file, licence, digest in rows:
        assert hashlib.sha256((FOLDER / file).read_bytes()).hexdigest() == digest
        assert "Bitstream Vera" in (FOLDER / licence).read_text("utf-8")


def test_paper_has_the_colours_of_the_light_theme() -> None:
    css = (settings.BASE_DIR / "static/css/tokens.css").read_text("utf-8")
    light = dict(re.findall(r"--tm-([\w-]+):\s*(#[0-9a-f]{6})", css.partition("@media screen")[0]))
    assert {role: light[role] for role in TOKENS} == TOKENS


@pytest.mark.parametrize(
    ("stored", "written"),
    [
        ("ok → −3 ≥ 2 ◆ Łucja Øster Ωμέγα Жук", "ok → −3 ≥ 2 ◆ Łucja Øster Ωμέγα Жук"),
        ("a\tb\nc\r\x00\x07d\u2028e", "a b c d e"),
        ("\u202egnp.exe", "gnp.exe"),
        ("林 ok", f"{UNKNOWN} ok"),
        ("p\u00a0= 0.05", "p\u00a0= 0.05"),
    ],
)
def test_only_what_the_typeface_has_is_written(stored: str, written: str) -> None:
    assert writable(stored) == written


HOSTILE = '<img src="file:///etc/passwd"/><a href="http://evil.example">x</a> &amp; <b>&lt;para> </para>'


def test_markup_in_text_is_text(monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    monkeypatch.setattr(socket, "create_connection", lambda *_args, **_kwargs: pytest.fail("it asked another host"))
    paper = Paper(HOSTILE, HOSTILE, HOSTILE, (HOSTILE, "right"), HOSTILE)

    def story() -> list[Any]:
        parts = [words(HOSTILE), note(HOSTILE), strong_then(HOSTILE, HOSTILE), with_index(HOSTILE, HOSTILE)]
        parts += [struck(HOSTILE), marked("■", HOSTILE, "danger")]
        parts += [Heading(HOSTILE), plain_table(["a", HOSTILE], [[HOSTILE, HOSTILE]], WIDTH)]
        return [*parts, Drawing(100, 20, lambda pen: pen.write(HOSTILE, (0, 10)))]

    reader = read(story, paper)
    assert text_of(reader).replace("\n", "").count("passwd") >= 9
    for page in reader.pages:
        assert "/Annots" not in page
        assert not page.images
    assert reader.metadata
    assert reader.metadata.title == HOSTILE


def test_a_document_says_what_it_is_and_numbers_its_pages() -> None:
    def story() -> list[Any]:
        return [Heading("First"), *(words(f"Part {at}") for at in range(120)), Heading("Second"), words("The end")]

    reader = read(story)
    pages = [page.extract_text() for page in reader.pages]
    assert len(pages) > 2
    for number, text in enumerate(pages, start=1):
        assert f"page {number} of {len(pages)} · the foot" in text
        assert ("left" in text) == (number > 1)
    places: list[Any] = reader.outline
    assert [reader.get_destination_page_number(one) for one in places] == [0, len(pages) - 1]
    assert reader.trailer["/Root"]["/Lang"] == "en"
    assert reader.metadata
    assert (reader.metadata.author, reader.metadata.subject) == ("An author", "A subject")
    assert float(reader.pages[0].mediabox.width) == pytest.approx(595.28, abs=0.01)


def test_the_same_story_gives_the_same_bytes() -> None:
    def story() -> Sequence[Any]:
        return [words("The same → always", "title"), Drawing(50, 50, _every_mark)]

    assert made(PAPER, story) == made(PAPER, story)


def _every_mark(pen: Pen) -> None:
    for at, shape in enumerate(("diamond", "disc", "ring", "bar", "triangle", "square")):
        pen.mark(shape, (5 + 8 * at, 10), 30, "remission", edge="surface")


def test_a_drawing_that_is_too_tall_is_made_smaller() -> None:
    tall = Drawing(WIDTH, 4 * TALLEST, lambda pen: pen.write("The end of it", (0, 4 * TALLEST - 10)))
    assert tall.wrap(WIDTH, 500) == (WIDTH / 4, TALLEST)
    reader = read(lambda: [words("Before"), Drawing(WIDTH, 2000, _every_mark)])
    assert len(reader.pages) == 1


def test_a_long_line_is_shortened_and_a_wide_table_fits() -> None:
    assert fitting("short", 100) == "short"
    assert fitting("a very long line " * 9, 100).endswith("…")
    wide = plain_table(["Name", *["Column number"] * 14], [["Row", *["1,234.5"] * 14]], WIDTH)
    assert wide.wrap(WIDTH, 500)[0] <= WIDTH + 0.01
    narrow = plain_table(["Name", "n"], [["Row", "1"]], WIDTH)
    assert narrow.wrap(WIDTH, 500)[0] < WIDTH / 2


def test_a_row_higher_than_a_page_goes_on_on_the_next() -> None:
    lines = [f"line {number}." for number in range(400)]

    def story() -> list[Any]:
        return [ruled([[words("Head")], [[words(line) for line in lines]]], [WIDTH], split_rows=True)]

    reader = read(story)
    text = text_of(reader)
    assert len(reader.pages) > 5
    assert all(line in text for line in lines)


@pytest.mark.parametrize(
    ("texts", "lacking"),
    [(("Łucja", "−3 ≥ 2"), ""), (("林 ok", "林森"), "林森"), (("שלום",), "שלום"), ((UNKNOWN,), "")],
)
def test_what_a_pdf_cannot_hold_is_named_once(texts: tuple[str, ...], lacking: str) -> None:
    assert not_writable(*texts) == lacking
