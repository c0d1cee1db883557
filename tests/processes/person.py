"""Somebody at the clinic with a browser that runs no scripts: signs in, reads pages, sends forms."""

import http.client
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

#: Far more than any page may take: only a server that hangs reaches it.
TOO_LONG = 30.0


@dataclass(frozen=True)
class Answer:
    """What came back, and how long it took. Status 0: the connection broke."""

    status: int
    seconds: float
    text: str = ""
    location: str = ""


class _Forms(HTMLParser):
    """The fields of each form of a page as a browser would send them untouched."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, str]] = []
        self.radios: list[set[str]] = []
        self._select = self._textarea = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append({})
            self.radios.append(set())
        elif self.forms:
            self._field(tag, given, checked={"checked", "selected"} & given.keys())

    def _field(self, tag: str, given: dict[str, str], checked: Any) -> None:
        fields, name = self.forms[-1], given.get("name", "")
        if tag == "select":
            self._select = name
        elif tag == "option" and self._select and (checked or self._select not in fields):
            fields[self._select] = given.get("value", "")
        elif tag == "textarea" and name:
            fields[name] = ""
        elif tag == "input" and given.get("type") in {"radio", "checkbox"}:
            self.radios[-1].add(name)
            if checked:
                fields[name] = given.get("value", "on")
        elif tag == "input" and name:
            fields[name] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""


def fields_of(page: str, field: str) -> dict[str, str]:
    """What a browser would send of the form that has this field. Raises AssertionError when no form has it."""
    parser = _Forms()
    parser.feed(page)
    for fields, radios in zip(parser.forms, parser.radios, strict=True):
        if field in fields or field in radios:
            return fields
    raise AssertionError(f"No form with {field!r} on this page:\n{page[:2000]}")


class Person:
    """An account, signed in through the page. One connection a request, as many at once as there are persons."""

    #: Seconds that she waits for an answer.
    patience = TOO_LONG

    def __init__(self, base_url: str, email: str, password: str) -> None:
        self.host, self.cookies = urlsplit(base_url).netloc, {}  # type: ignore[var-annotated]
        page = self.get("/account/sign-in/")
        fields = fields_of(page.text, "login") | {"login": email, "password": password}
        answer = self.post("/account/sign-in/", fields)
        assert answer.status == 302, f"{email} was not signed in: {answer.status}\n{answer.text[:2000]}"

    @classmethod
    def with_cookie(cls, base_url: str, session: str) -> Self:
        """Somebody who is signed in already: fifty at once would be held back, as fifty guesses of a password are."""
        person = cls.__new__(cls)
        person.host, person.cookies = urlsplit(base_url).netloc, {"sessionid": session}
        return person

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        """Open a page; redirects are not followed."""
        return self._ask("GET", path, None, headers)

    def post(self, path: str, fields: Mapping[str, str]) -> Answer:
        """Send a form; redirects are not followed."""
        return self._ask("POST", path, urlencode(fields), {"Content-Type": "application/x-www-form-urlencoded"})

    def fragment(self, path: str) -> Answer:
        """A part of a page, asked for as htmx does."""
        return self.get(path, {"HX-Request": "true"})

    def blank_pcl5(self, patient: str, day: str, total: int, form: str = "month") -> dict[str, str]:
        """The fields of a new PCL-5 of this patient (public id), filled in and not sent; `day` is YYYY-MM-DD."""
        page = self.get(self.entry_path(patient))
        assert page.status == 200, (page.status, page.text[:2000])
        return self.filled_pcl5(page.text, day, total, form)

    @staticmethod
    def filled_pcl5(page: str, day: str, total: int, form: str = "month") -> dict[str, str]:
        """The fields of the empty form on this page, filled in."""
        answers = {f"item_{n + 1}": str(total // 20 + (1 if n < total % 20 else 0)) for n in range(20)}
        return fields_of(page, "item_1") | answers | {"completed_on": day, "form": form, "mode": "paper"}

    def save_pcl5(self, patient: str, day: str, total: int, form: str = "month") -> Answer:
        """Enter and save a PCL-5 as a browser does; the seconds are those of the save alone. 303: saved."""
        return self.post(self.entry_path(patient), self.blank_pcl5(patient, day, total, form))

    def patient_page(self, patient: str) -> Answer:
        """Her page."""
        return self.get(f"/patients/{patient}/")

    def status_of(self, patient: str) -> Answer:
        """The part of her page that says how she is."""
        return self.fragment(f"/patients/{patient}/status/")

    @staticmethod
    def entry_path(patient: str) -> str:
        """Where a new PCL-5 is entered."""
        return f"/patients/{patient}/questionnaires/new/?instrument=pcl5"

    def _ask(self, method: str, path: str, body: str | None, headers: Mapping[str, str] | None) -> Answer:
        sent = {"Host": self.host, "Referer": f"http://{self.host}/", **(headers or {})}
        sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        connection, began = http.client.HTTPConnection(self.host, timeout=self.patience), time.perf_counter()
        try:
            connection.request(method, path, body, sent)
            answer = connection.getresponse()
            text = answer.read().decode(errors="replace")
        except (OSError, http.client.HTTPException) as error:
            return Answer(0, time.perf_counter() - began, f"{type(error).__name__}: {error}")
        finally:
            connection.close()
        seconds = time.perf_counter() - began
        self._keep_cookies(answer.headers.get_all("Set-Cookie") or [])
        return Answer(answer.status, seconds, text, answer.headers.get("Location", ""))

    def _keep_cookies(self, lines: Sequence[str]) -> None:
        for line in lines:
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
