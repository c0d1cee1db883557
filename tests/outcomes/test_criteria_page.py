"""The page of the criteria: a preset or own values, adopted once and with a reason; the recompute watched; every version."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
import time_machine
from bad_input import assert_refused, bad_cases, bad_values
from builders import NOW, make_treated_patient, make_user
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import escape

from clinic.audit.models import AuditEvent
from clinic.models import User
from clinic.outcomes import background, response, services
from clinic.outcomes.criteria import DEFAULT_PRESET, OWN_VALUES, PRESETS, SCHEDULED_WINDOWS, Criteria
from clinic.outcomes.criteria_page import history
from clinic.outcomes.definitions import VALUES, values_of
from clinic.outcomes.forms import OWN_GROUPS, SITE, CriteriaForm
from clinic.outcomes.models import CriteriaVersion
from clinic.outcomes.selectors import criteria_in_force, latest_summary
from clinic.policy import Role
from clinic.versions import StaleEditError
from patients.models import Patient

pytestmark = pytest.mark.django_db
WHERE, PROGRESS = "/outcomes/criteria/", "/outcomes/criteria/progress/"
MARX = PRESETS["Marx-15/28"]
NUMBERS = [name for name, value in values_of(Criteria()).items() if not isinstance(value, bool)]


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def user() -> User:
    return make_user(Role.MEDICAL_DIRECTOR)


@pytest.fixture
def director(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


def typed(preset: str = OWN_VALUES, version: int = 1, **changed: Any) -> dict[str, str]:
    """What a browser sends of the form as it stands under the first version, with some of it changed."""
    values = {**values_of(Criteria()), "preset": preset, "version": version, "reason": "Board of May", **changed}
    sent = {name: value for name, value in values.items() if value is not None and value is not False}
    return {name: "on" if value is True else str(value) for name, value in sent.items()}


def adopt(criteria: Criteria, **named: Any) -> CriteriaVersion:
    return services.adopt_criteria(**{"actor": None, "criteria": criteria, "reason": "Board", "now": NOW, **named})


def page(client: Client, where: str = WHERE, **headers: str) -> str:
    answer = client.get(where, headers=headers)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


class TestService:
    def test_somebody_else_was_first(self) -> None:
        adopt(MARX, version_seen=1)
        with pytest.raises(StaleEditError) as stale:
            adopt(PRESETS["NYS-12/33"], version_seen=1)
        assert (stale.value.current, criteria_in_force().number) == (criteria_in_force(), 2)
        assert adopt(PRESETS["NYS-12/33"], version_seen=2).number == 3

    def test_the_criteria_in_force_are_not_adopted_again(self) -> None:
        with pytest.raises(ValidationError, match="the criteria in force"):
            adopt(Criteria())
        assert not AuditEvent.objects.filter(action="adopt criteria").exists()

    @pytest.mark.django_db(transaction=True)
    def test_of_several_at_the_same_moment_one_is_first(self) -> None:
        def was_first(name: str) -> bool:
            try:
                return adopt(PRESETS[name], version_seen=1).number == 2
            except StaleEditError:
                return False
            finally:
                connection.close()

        with ThreadPoolExecutor(4) as pool:
            first = list(pool.map(was_first, [name for name in PRESETS if name != DEFAULT_PRESET]))
        assert first.count(True) == 1
        assert criteria_in_force().preset == [name for name in PRESETS if name != DEFAULT_PRESET][first.index(True)]


class TestShown:
    def test_what_is_in_force_since_when_by_whom_and_why(self, director: Client, user: User) -> None:
        text = page(director)
        assert reverse("outcomes:criteria") == WHERE
        assert "In force: VA-10/33, settings v1" in text
        assert "adopted by Tidemark" in text
        assert "Primary 14–31 (target 21)" in text
        adopt(replace(MARX, exclude_covers_pretreatment=True), actor=user, reason="Stricter <b>than</b> before")
        text = page(director)
        assert "In force: Marx-15/28, settings v2" in text
        assert "since 1 Jun 2026, 11:00, adopted by Lena Marchetti" in text
        assert "Stricter &lt;b&gt;than&lt;/b&gt; before" in text
        for words in ("At least 15 points below baseline.", "Response and below 29.", "before treatment are left out."):
            assert words in text

    def test_every_preset_stands_there_with_its_definition_and_source(self, director: Client) -> None:
        text = page(director)
        assert text.count('type="radio"') == 6
        for name, words in {
            "NYS-12/33": "<b>Response</b> At least 12 points below baseline.",
            "Marx-15/28": "<b>Remission</b> Response and below 29.",
            "Percent-30/33": "<b>Response</b> At least 30 % below baseline.",
            "Percent-50/33": "McInnes 2022",
        }.items():
            row = text.partition(f'<span class="tm-definition__name">{name}</span>')[2].partition("</label>")[0]
            assert words in row
        alike = text.partition("Under every preset")[2].partition("</dl>")[0]
        assert "<dt>Counted</dt> <dd> A baseline of at least 33 points. </dd>" in alike
        assert "Response" not in alike

    def test_every_value_stands_there_once_with_words_unit_and_range(self, director: Client) -> None:
        form = CriteriaForm(in_force=criteria_in_force())
        shown = [name for _heading, _words, names in OWN_GROUPS for name in names]
        shown += [*SITE, *(field.name for _label, fields in form.windows() for field in fields)]
        assert sorted(shown) == sorted(VALUES)
        assert len({words for words, _unit in VALUES.values()}) == len(VALUES), "no two values read the same"
        text = page(director)
        for name in VALUES:
            assert text.count(f'name="{name}"') == 1
        assert 'Counted from a baseline of<span class="visually-hidden">, points, 28 to 45</span>' in text

    @pytest.mark.parametrize(
        ("criteria", "chosen"),
        [
            (MARX, "Marx-15/28"),
            (replace(MARX, baseline_within_days=20), "Marx-15/28"),
            (replace(MARX, cut=34), OWN_VALUES),
        ],
    )
    def test_what_is_in_force_is_chosen(self, director: Client, criteria: Criteria, chosen: str) -> None:
        adopt(criteria)
        [radio] = [tag for tag in page(director).split("<input ") if "checked" in tag and 'type="radio"' in tag]
        assert f'value="{chosen}"' in radio

    def test_links_lead_there(self, director: Client) -> None:
        for _ in range(5):
            make_treated_patient()
        link = f'href="{WHERE}"'
        assert f"<a {link}>VA-10/33, settings v1</a>" in page(director, "/outcomes/")
        assert page(director, "/").count(link) == 2, "in the menu, small and large"


class TestAdopted:
    def test_a_preset_brings_its_values_and_leaves_the_clinics_own_settings(self, director: Client, user: User) -> None:
        changed = {"baseline_within_days": "20", "exclude_covers_pretreatment": "on", "primary_last_day": "35"}
        answer = director.post(WHERE, typed("Marx-15/28", cut="half", response_points="", **changed))
        assert (answer.status_code, answer["Location"]) == (303, WHERE)
        version = criteria_in_force()
        windows = tuple(replace(one, last_day=35) if one.name == "PRIMARY" else one for one in SCHEDULED_WINDOWS)
        expected = replace(MARX, baseline_within_days=20, exclude_covers_pretreatment=True, windows=windows)
        assert (version.number, version.adopted_by, version.reason) == (2, user, "Board of May")
        assert (version.preset, version.criteria()) == ("Marx-15/28", expected)
        event = AuditEvent.objects.get(action="adopt criteria")
        assert (event.actor_id, event.detail) == (user.pk, {"number": 2, "reason": "Board of May"})
        assert "Version 2 of the criteria is in force." in page(director)

    def test_own_values(self, director: Client) -> None:
        own = replace(
            Criteria(),
            preset=OWN_VALUES,
            eligibility_cut=35,
            cut=31,
            response_points=None,
            response_percent=40,
            remission_at_most=30,
            remission_requires_response=False,
            remission_requires_dsm_rule_not_met=True,
            worsening_points=8,
            reliable_points=18,
            reliable_at_most=25,
            max_missing_items=1,
            max_missing_per_cluster=0,
        )
        assert director.post(WHERE, typed(**values_of(own))).status_code == 303
        assert (criteria_in_force().preset, criteria_in_force().criteria()) == ("Own", own)
        make_treated_patient()
        assert "Own, settings v2" in page(director, "/outcomes/")
        assert "In force: Own, settings v2" in page(director)

    def test_own_values_that_are_those_of_a_preset_bear_its_name(self, director: Client) -> None:
        assert director.post(WHERE, typed(response_points="12", m12_last_day="420")).status_code == 303
        assert criteria_in_force().preset == "NYS-12/33"

    @pytest.mark.parametrize("preset", ["VA-10/33", OWN_VALUES])
    def test_what_is_in_force_is_refused(self, director: Client, preset: str) -> None:
        answer = director.post(WHERE, typed(preset))
        assert answer.status_code == 422
        assert "These are the criteria in force. Nothing was changed." in answer.content.decode()
        assert criteria_in_force().number == 1

    def test_a_double_click_is_one_version(self, director: Client) -> None:
        data = typed("Marx-15/28")
        assert [director.post(WHERE, data).status_code for _ in range(2)] == [303, 409]
        assert CriteriaVersion.objects.count() == 2

    def test_two_directors_see_both_texts(self, director: Client) -> None:
        adopt(MARX)
        stale = director.post(WHERE, typed("Percent-30/33", worsening_points="not read"))
        text = " ".join(stale.content.decode().split())
        assert (stale.status_code, criteria_in_force().number) == (409, 2)
        shown = {one.label: (one.typed, one.saved) for one in stale.context["form"].differences}
        assert shown == {
            "Definition": ("Percent-30/33", "Marx-15/28"),
            "Response in points, at least": ("none", "15"),
            "Response in percent, at least": ("30", "none"),
            "Remission, total at most": ("32", "28"),
        }
        assert 'name="version" value="2"' in text
        assert director.post(WHERE, typed("Percent-30/33", version=2)).status_code == 303

    def test_workers_are_told_after_the_commit(
        self, director: Client, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
    ) -> None:
        told: list[int] = []
        monkeypatch.setattr(background, "recompute_everybody", lambda: told.append(criteria_in_force().number))
        with django_capture_on_commit_callbacks(execute=True):
            director.post(WHERE, typed("Marx-15/28"))
        assert told == [2]

    @pytest.mark.parametrize("role", [Role.INTAKE, Role.CLINICIAN, Role.ADMINISTRATOR])
    def test_only_the_medical_director(self, client: Client, role: Role) -> None:
        client.force_login(make_user(role))
        assert client.post(WHERE, typed("Marx-15/28")).status_code == 403
        assert client.get(PROGRESS).status_code == 403
        assert criteria_in_force().number == 1
        assert WHERE not in client.get("/").content.decode()


class TestRefused:
    @pytest.mark.parametrize("raw", [pytest.param(raw[:1000], id=name) for name, raw in bad_values("whole number")])
    def test_bad_numbers_are_refused_beside_each_field(self, director: Client, raw: str) -> None:
        answer = director.post(WHERE, typed(**dict.fromkeys(NUMBERS, raw)))
        for name in NUMBERS:
            assert_refused(answer, name, raw)
        assert answer.content.decode().count(f'value="{escape(raw.strip())}"') >= len(NUMBERS)
        assert criteria_in_force().number == 1

    @pytest.mark.parametrize(
        ("field", "raw"),
        [*bad_cases({"preset": "choice", "reason": "note", "m3_last_day": "whole number"}), ("reason", " ")],
    )
    def test_bad_input_is_refused_beside_its_field(self, director: Client, field: str, raw: str) -> None:
        assert_refused(director.post(WHERE, typed(**{"preset": "Marx-15/28", field: raw})), field, raw)
        assert criteria_in_force().number == 1

    def test_no_number_is_left_out(self, director: Client) -> None:
        answer = director.post(WHERE, typed(**dict.fromkeys(NUMBERS, "")))
        assert set(answer.context["form"].errors) == {*NUMBERS} - {"response_points", "response_percent"}

    @pytest.mark.parametrize("version", ["", "x", "-1", "9" * 30, "\x00"])
    def test_a_page_that_lost_its_version(self, director: Client, version: str) -> None:
        answer = director.post(WHERE, typed("Marx-15/28", version=version))
        assert answer.status_code in {409, 422}
        assert criteria_in_force().number == 1

    @pytest.mark.parametrize(
        ("changed", "field", "said"),
        [
            ({"cut": "27"}, "cut", "Choose a number from 28 to 45."),
            ({"eligibility_cut": "46"}, "eligibility_cut", "Choose a number from 28 to 45."),
            ({"max_missing_items": "5"}, "max_missing_items", "Choose a number from 0 to 4."),
            ({"response_percent": "101"}, "response_percent", "Choose a number from 1 to 100."),
            ({"response_percent": "30"}, "response_points", "either in points or in percent"),
            ({"response_points": ""}, "response_points", "either in points or in percent"),
            (
                {"remission_at_most": "33"},
                "remission_at_most",
                "“Remission, total at most” must be below “Counted from a baseline of”",
            ),
            ({"eos_target_day": "20"}, "eos_target_day", "Window End of series: its target day must lie between"),
            ({"primary_first_day": "13"}, "primary_first_day", "Windows End of series and Primary overlap"),
            ({"m12_last_day": "3651"}, "m12_last_day", "Choose a number from 1 to 3,650."),
            ({"eos_first_day": "0"}, "eos_first_day", "Choose a number from 1 to 3,650."),
        ],
    )
    def test_what_is_wrong_is_said_in_words(
        self, director: Client, changed: dict[str, str], field: str, said: str
    ) -> None:
        answer = director.post(WHERE, typed(**changed))
        errors = answer.context["form"].errors
        assert (answer.status_code, set(errors)) == (422, {field})
        assert said in errors[field][0]
        assert f'id="id_{field}_error"' in answer.content.decode()
        assert not [name for name in VALUES if name in errors[field][0]]

    def test_windows_are_checked_under_a_preset_too(self, director: Client) -> None:
        answer = director.post(WHERE, typed("Marx-15/28", m3_first_day="20"))
        assert set(answer.context["form"].errors) == {"m3_first_day"}


class TestRecompute:
    @pytest.fixture(autouse=True)
    def _five_patients(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for _ in range(5):
            make_treated_patient()
        background.bring_up_to_date(now=NOW)
        monkeypatch.setattr(services, "STALE_IN_A_PAGE", 2)

    def test_it_is_watched_until_it_is_done(self, director: Client) -> None:
        polling = f'hx-get="{PROGRESS}?shown=2-%s" hx-trigger="every 2s" hx-swap="outerHTML"'
        assert "Every patient is computed under settings v1 (VA-10/33); figures as of 11:00." in page(director)
        director.post(WHERE, typed("Marx-15/28"))
        text = page(director)
        assert "Recomputing under settings v2 (Marx-15/28): 40 %, 3 of 5 patients left" in text
        assert '<progress max="5" value="2" aria-labelledby="recompute-title">40 %</progress>' in text
        assert "the outcomes show the figures of settings v1." in text
        assert polling % "3-5-open" in text
        assert "django_htmx/htmx-2.min.js" in text
        assert "js/fresh.js" in text
        part = page(director, PROGRESS, HX_Request="true")
        assert "80 %, 1 of 5 patients left" in part
        assert polling % "1-5-open" in part
        assert "<html" not in part
        assert 'role="status"' not in part, "each answer would be read out"
        done = page(director, PROGRESS, HX_Request="true")
        words = "Every patient is computed under settings v2 (Marx-15/28); figures as of 11:00."
        assert f'<div id="recompute-said" hx-swap-oob="innerHTML"> {words} </div>' in done
        assert done.count(words) == 2
        assert "hx-get" not in done
        assert '<a href="/outcomes/">Open the outcomes</a>' in done
        shown = page(director)
        assert words in shown
        assert "hx-swap-oob" not in shown
        assert '<p class="visually-hidden" id="recompute-said" role="status"></p>' in shown
        assert "htmx-2.min.js" not in shown

    def test_what_is_shown_already_is_not_drawn_again(self, director: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        adopt(MARX)
        monkeypatch.setattr(background, "bring_up_to_date", lambda **_named: 5)
        assert "0 %, 5 of 5 patients left" in page(director, PROGRESS)
        assert director.get(PROGRESS, {"shown": "2-5-5-open"}).status_code == 204
        assert director.get(PROGRESS, {"shown": "1-5-5-open"}).status_code == 200

    def test_figures_that_are_not_added_up_yet_are_waited_for(
        self, director: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        adopt(MARX)
        monkeypatch.setattr(services, "refresh_summary", lambda *_args, **_named: False)
        for _ in range(3):
            text = page(director, PROGRESS)
        assert "Every patient is computed under settings v2 (Marx-15/28); the figures are being added up" in text
        assert "hx-trigger" in text
        assert "<progress" not in text

    def test_who_could_not_be_computed_is_told(self, director: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        evaluate, unlucky = response.evaluate, Patient.objects.order_by("pk")[0]

        def fails_for_one(readings: Any, courses: Any, *rest: Any) -> Any:
            if (readings["patient_id"] == unlucky.pk).any():
                raise ValueError("odd record")
            return evaluate(readings, courses, *rest)

        monkeypatch.setattr(response, "evaluate", fails_for_one)
        adopt(MARX)
        for _ in range(3):
            text = page(director, PROGRESS)
        assert "Every patient but 1, whose outcomes could not be computed, is computed under settings v2" in text

    def test_a_refused_form_computes_nothing(self, director: Client) -> None:
        adopt(MARX)
        text = " ".join(director.post(WHERE, typed("Marx-15/28", version=2, reason="")).content.decode().split())
        assert "0 %, 5 of 5 patients left" in text

    def test_the_dashboard_leads_to_it(self, director: Client) -> None:
        adopt(MARX)
        text = page(director, "/outcomes/")
        assert f'<a href="{WHERE}">Watch the recompute</a>' in text
        assert "manage.py" not in text

    def test_own_windows_reach_the_dashboard(self, director: Client) -> None:
        director.post(WHERE, typed("VA-10/33", primary_last_day="45", m3_first_day="46"))
        for _ in range(3):
            page(director, PROGRESS)
        summary = latest_summary()
        assert summary
        assert summary.criteria_version == 2
        assert "Primary 14–45 d" in page(director, "/outcomes/")


def test_an_empty_clinic_has_nothing_to_recompute(director: Client) -> None:
    adopt(MARX)
    assert "Every patient is computed under settings v2" in page(director)


class TestHistory:
    def test_each_version_says_what_it_changed_by_whom_and_why(self, director: Client, user: User) -> None:
        adopt(MARX, actor=user, reason="As in Marx")
        windows = (SCHEDULED_WINDOWS[0], replace(SCHEDULED_WINDOWS[1], last_day=35), *SCHEDULED_WINDOWS[2:])
        percent = replace(PRESETS["Percent-50/33"], remission_requires_response=False, windows=windows)
        adopt(replace(percent, preset=OWN_VALUES), reason="As ketamine clinics count")
        text = page(director).partition('id="h-versions"')[2]
        third, second, first = (
            text.partition(f"<b>Version {number}, ")[2].partition("</div>")[0] for number in (3, 2, 1)
        )
        assert third.startswith("Own</b>")
        assert second.startswith('Marx-15/28</b> <span class="tm-quiet">· Lena Marchetti, 1 Jun 2026, 11:00</span>')
        assert "As in Marx" in second
        for words in (
            "<li>Response in points, at least: 15 → <b>none</b></li>",
            "<li>Response in percent, at least: none → <b>50 % below baseline</b></li>",
            "<li>Remission, total at most: 28 → <b>32 points</b></li>",
            "<li>Remission only with a response: yes → <b>no</b></li>",
            "<li>Primary, last day: 31 → <b>35</b></li>",
        ):
            assert words in third
        assert third.count("<li>") == 5
        assert "<li>Response in points, at least: 10 → <b>15 points below baseline</b></li>" in second
        assert "In force from the start." in first
        assert "<li>" not in first
        assert text.index("Version 3") < text.index("Version 2") < text.index("Version 1")

    def test_it_is_read_at_once(self, director: Client) -> None:
        def asked() -> int:
            page(director)
            with CaptureQueriesContext(connection) as queries:
                page(director)
            return len(queries)

        actor = make_user(Role.MEDICAL_DIRECTOR)
        adopt(MARX, actor=actor)
        few = asked()
        for points in range(1, 40):
            adopt(replace(Criteria(), worsening_points=points, preset=OWN_VALUES), actor=actor)
        assert asked() == few
        assert len(history()) == 41
