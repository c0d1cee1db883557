"""Take a picture of every page of an invented clinic: `make screenshots`.

Each page at 1440, 820 and 390 px, dark, and as printed, into screenshots/; those of the README into docs/screenshots/.
Needs Chromium (the system's). ONLY=name narrows to pages whose name holds it.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "screenshots"
SHOWN = ROOT / "docs" / "screenshots"
PATIENTS, SEED = 180, 1
#: name of the picture -> width, dark, printed
VARIANTS = {
    "1440": (1440, False, False),
    "820": (820, False, False),
    "390": (390, False, False),
    "dark": (1440, True, False),
    "print": (1440, False, True),
}
#: What the README shows: page, variant, and the name of the file.
README = {
    ("outcomes-dashboard", "1440"): "dashboard.png",
    ("pages-patient", "1440"): "patient.png",
    ("assessments-new", "1440"): "pcl5-entry.png",
    ("room-room", "820"): "infusion-room.png",
}
NO_PAGES = {"infusions:check_dose", "outcomes:as_of", "outcomes:criteria_progress", "pages:patient_status"}
NO_PAGES |= {"room:since", "room:field", "room:entry"}
NO_PAGES |= {"healthz", "readyz", "letters:letter", "outcomes:panel_csv", "outcomes:report_pdf", "outcomes:tables_zip"}
NO_PAGES |= {"session_record:record_pdf", "session_record:as_signed_pdf", "lots:lot_csv"}
#: Pages that need another infusion than one that was given and recorded afterwards.
OF_INFUSION = {
    "planned": {"infusions:infusion_status", "infusions:infusion_replan"},
    "running": {"room:room"},
    "signed": {"session_record:record", "session_record:as_signed"},
}
#: Width -> height of the screen, a tablet held upright; all others have the next.
HEIGHTS, HEIGHT = {820: 1180}, 900
IN_FRONT = {"account_login", "account_inactive"}


@dataclass(frozen=True)
class Shot:
    """A page to be taken: its name, its address and the role that looks at it (None: nobody signed in)."""

    name: str
    address: str
    role: str | None


def settings_of(folder: str) -> dict[str, str]:
    """The environment of an invented clinic in this folder."""
    return {
        "DATABASE_URL": f"sqlite:///{folder}/clinic.sqlite3",
        "SECRET_KEY": "only-for-pictures-only-for-pictures-only-for-pictures",
        "ALLOWED_HOSTS": "127.0.0.1",
        "PLAIN_HTTP": "1",
        "DEBUG": "0",
        "CELERY_BROKER_URL": "",
        "TIDEMARK_DEMO_PASSWORD": "kelp-lantern-wharf",
        "DJANGO_SETTINGS_MODULE": "clinic.settings",
        "DJANGO_ALLOW_ASYNC_UNSAFE": "1",
    }


def manage(*arguments: str) -> None:
    """Run a management command; its output is shown when it fails."""
    subprocess.run([sys.executable, "manage.py", *arguments], cwd=ROOT, check=True)


def ids() -> dict[str, str]:
    """The parts of addresses: a responder with a rich record, and one record of each kind of hers."""
    from django.contrib.auth import get_user_model

    from assessments.models import Assessment
    from clinic.outcomes.models import CourseOutcome
    from clinic.room.lots.names import name_of
    from infusions.models import Course, Infusion, Status, StockEntry
    from infusions.session.log import Stage
    from patients.models import Consent, Patient, PriorTreatment

    shown = CourseOutcome.objects.filter(status="RESPONSE", is_index=True, infusions__gte=5)
    treated = PriorTreatment.objects.not_voided().values("patient_id")
    outcome = shown.filter(patient_id__in=treated).order_by("-last_infusion_on", "course_id")[0]
    patient = Patient.objects.get(pk=outcome.patient_id)
    planned = Infusion.objects.filter(status=Status.PLANNED, stage="").order_by("id")[0]
    running, signed = (Infusion.objects.get(stage=stage) for stage in (Stage.RUNNING, Stage.SIGNED))
    drawn = StockEntry.objects.filter(infusion=signed).order_by("id")[0]
    return {
        "public_id": patient.public_id,
        "course_id": Course.objects.get(pk=outcome.pk).public_id,
        "infusion_id": Infusion.objects.given().filter(course_id=outcome.pk).order_by("-id")[0].public_id,
        "assessment_id": Assessment.objects.filter(patient=patient)
        .current()
        .order_by("-completed_on", "id")[0]
        .public_id,
        "kind": "prior-treatment",
        "entry_id": PriorTreatment.objects.filter(patient=patient).order_by("id")[0].public_id,
        "consent_id": Consent.objects.filter(patient=patient).order_by("id")[0].public_id,
        "account_id": get_user_model().objects.order_by("id")[0].public_id,
        "planned_id": planned.public_id,
        "planned_patient_id": planned.course.patient.public_id,
        "running_id": running.public_id,
        "running_patient_id": running.course.patient.public_id,
        "signed_id": signed.public_id,
        "signed_patient_id": signed.course.patient.public_id,
        "lot": name_of(drawn.lot_key),
    }


def shots() -> list[Shot]:
    """Every page that can be looked at, home once for each role."""
    known = ids()
    found = [Shot(f"home-{role}", "/", role) for role in ("intake", "clinician", "director", "admin")]
    for name, parts in pages():
        if name in NO_PAGES or name == "pages:home":
            continue
        role = None if name in IN_FRONT else "admin" if name.startswith(("people:", "profile:")) else "director"
        found.append(Shot(name.replace(":", "-"), address_of(name, parts, known), role))
    return [shot for shot in found if os.environ.get("ONLY", "") in shot.name]


def pages() -> list[tuple[str, set[str]]]:
    """Every page's name with its namespace and the changing parts of its address."""
    from django.urls import URLPattern, URLResolver, get_resolver

    def inside(resolver: Any, space: str, outer: set[str]) -> list[tuple[str, set[str]]]:
        found: list[tuple[str, set[str]]] = []
        for pattern in resolver.url_patterns:
            parts = outer | set(pattern.pattern.converters)
            if isinstance(pattern, URLResolver):
                found += inside(pattern, f"{space}{pattern.namespace}:" if pattern.namespace else space, parts)
            elif isinstance(pattern, URLPattern):
                found.append((f"{space}{pattern.name}", parts))
        return found

    return inside(get_resolver(), "", set())


def address_of(name: str, parts: set[str], known: dict[str, str]) -> str:
    """The address of a page, with ids that fit it."""
    from django.urls import reverse

    here = dict(known)
    if name.startswith("people:"):
        here["public_id"] = known["account_id"]
    if name.startswith("patients:consent_"):
        here["entry_id"] = known["consent_id"]
    for which, names in OF_INFUSION.items():
        if name in names:
            here |= {"public_id": known[f"{which}_patient_id"], "infusion_id": known[f"{which}_id"]}
    return reverse(name, kwargs={part: here[part] for part in parts})


def free_port() -> int:
    """A port nobody listens on."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def cookie_of(role: str) -> str:
    """A session of the invented member of staff with this role."""
    from django.contrib.auth import get_user_model
    from django.contrib.sessions.backends.db import SessionStore

    user = get_user_model().objects.get(email=f"{role}@tidemark.example")
    session = SessionStore()
    session["_auth_user_id"] = str(user.pk)
    session["_auth_user_backend"] = "allauth.account.auth_backends.AuthenticationBackend"
    session["_auth_user_hash"] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)


def take(browser: Any, url: str, shot: Shot, variant: str) -> None:
    """One picture, of the whole page."""
    width, dark, printed = VARIANTS[variant]
    context = browser.new_context(
        viewport={"width": width, "height": HEIGHTS.get(width, HEIGHT)},
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce",
    )
    if shot.role:
        context.add_cookies([{"name": "sessionid", "value": cookie_of(shot.role), "url": url}])
    page = context.new_page()
    response = page.goto(f"{url}{shot.address}")
    if response.status != 200:
        raise SystemExit(f"{shot.name} answers {response.status}")
    page.wait_for_load_state("networkidle")
    page.evaluate("window.tidemark?.drawAll?.()")
    if printed:
        page.emulate_media(media="print")
    page.screenshot(path=str(TARGET / f"{shot.name}-{variant}.png"), full_page=True)
    if (shot.name, variant) in README:
        page.screenshot(path=str(SHOWN / README[shot.name, variant]))  # the first screen says enough there
    context.close()


def main() -> int:
    """Make the clinic, serve it, take every picture."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not chromium:
        print("Chromium is missing: install the package chromium.", file=sys.stderr)
        return 1
    TARGET.mkdir(exist_ok=True)
    SHOWN.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="tidemark-pictures-") as folder:
        os.environ.update(settings_of(folder))
        sys.path.insert(0, str(ROOT))
        manage("migrate", "--verbosity", "0")
        manage("make_clinic", "--patients", str(PATIENTS), "--seed", str(SEED), "--staff")
        import django

        django.setup()
        url = f"http://127.0.0.1:{free_port()}"
        gunicorn = [
            sys.executable,
            "-m",
            "gunicorn",
            "clinic.wsgi",
            "--threads",
            "4",
            "--bind",
            url.removeprefix("http://"),
        ]
        server = subprocess.Popen([*gunicorn, "--log-level", "error"], cwd=ROOT)
        try:
            return take_all(chromium, url)
        finally:
            server.terminate()
            server.wait(timeout=10)


def take_all(chromium: str, url: str) -> int:
    """Every page in every variant."""
    from playwright.sync_api import sync_playwright

    time.sleep(2)
    wanted = shots()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for shot in wanted:
            for variant in VARIANTS:
                take(browser, url, shot, variant)
            print(shot.name, flush=True)
        browser.close()
    print(f"{len(wanted)} pages, {len(wanted) * len(VARIANTS)} pictures in {TARGET.name}/")
    return 0


if __name__ == "__main__":
    sys.exit(main())
