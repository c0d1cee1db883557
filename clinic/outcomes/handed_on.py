"""The figures of a window as they may be handed on: which counts there are, what they add up to, and what rests on them.

Everything is withheld from the figures before any word, table or drawing is made of them (withholding.py), so nothing that is
made of them can say more. The figures must have been computed within `small_numbers.handed_on()`.
"""

from typing import Any

from clinic.outcomes.criteria import COMPLETENESS_TARGET, COMPLETENESS_TOO_LOW, LAST
from clinic.outcomes.rests_on import FINISH, nothing, rows_of_symptoms
from clinic.outcomes.small_numbers import OUTSIDE, Count, Withheld
from clinic.outcomes.withholding import Counts

#: What is withheld last, and (below 0) what is withheld first: bounds and sums that nothing else rests on.
_KEPT = {
    "evaluated": 3,
    "response": 2,
    "remission": 2,
    "treated": 1,
    "infusions": 1,
    "due": -1,
    "best_case": -2,
    "followed": -1,
}
_CHANGES = ("baseline", "endpoint", "reduction", "effect_size", "paired_t", "wilcoxon", "infusions_per_course")
_STATUS = "status."


def withhold(figures: dict[str, Any], charts: dict[str, Any], details: dict[str, Any], window: str) -> None:
    """Withhold what must not leave the clinic from a summary of one window that was computed for it, in place."""
    drawn = charts["windows"][window] | charts | details.get("windows", {}).get(window, {}) | details
    _add_what_is_computed_later(figures, drawn)
    counts = Counts(dict(_KEPT))
    of = _Window(counts, window)
    of.figures(figures)
    like = drawn["study_like"]
    same = window == LAST and all(
        like[name] == figures[name] for name in ("courses", "evaluated", "response", "remission")
    )
    of.study_like(like, "" if same else "study_like.")
    for add in (_CHARTS[name] for name in _CHARTS if name in drawn):
        add(of, drawn[add.__name__])
    of.within("eligible", counts.at(charts, "criterion_a_open", "criterion_a_open"))
    if "failed" in charts:
        counts.at(charts, "failed", "failed")
    counts.withhold()
    if isinstance(like["evaluated"], Withheld):
        like["psychotherapy"] = {}
    for each in (figures, like):
        if isinstance(each["evaluated"], Withheld):
            each.update({name: nothing(each[name]) for name in _CHANGES})
    for name in drawn.keys() & FINISH.keys():
        FINISH[name](drawn[name])


def beside_everybody(shown: Count, everybody: int) -> bool:
    """Whether the number of chosen patients may stand beside that of everybody treated."""
    return not isinstance(shown, Withheld) and (shown == everybody or everybody - shown >= OUTSIDE.fewest)


def _add_what_is_computed_later(figures: dict[str, Any], drawn: dict[str, Any]) -> None:
    """What pages compute of counts when they are shown."""
    status, obtained = figures["status"], drawn["beside"]["completeness"]
    outside = figures["courses"] - figures["eligible"] - status["BELOW_CUT"] - status["NO_BASELINE"]
    figures["criterion_a_not_met"] = max(outside, 0)
    few = obtained["n"] < OUTSIDE.fewest or obtained["rate"] >= COMPLETENESS_TARGET
    low = "too low" if not few and obtained["rate"] < COMPLETENESS_TOO_LOW else "low"
    drawn["beside"]["incomplete"] = "" if few else low
    if "reliable_change" in drawn:
        classes = drawn["reliable_change"]["classes"]
        drawn["reliable_change"]["better"] = classes["recovered"] + classes["improved"]


class _Window:
    """Names and sums of everything that is printed of a window."""

    def __init__(self, counts: Counts, window: str) -> None:
        self.counts = counts
        self.window = window

    def within(self, whole: str, *parts: str) -> None:
        """Parts of a whole with a rest that is printed nowhere."""
        self.counts.add_up(whole, parts)

    def of(self, window: str, what: str) -> str:
        """What is counted of a window: that of the window shown is also among the figures."""
        return what if window == self.window else f"{window}.{what}"

    def figures(self, figures: dict[str, Any]) -> None:
        """window_figures()."""
        at, add_up = self.counts.at, self.counts.add_up
        treated = at(figures, "courses", "treated")
        add_up(at(figures, "patients", "patients"), [treated])
        eligible, evaluated = at(figures, "eligible", "eligible"), at(figures, "evaluated", "evaluated")
        missing, not_due = at(figures, "missing", "missing"), at(figures, "not_due", "not_due")
        status = {name: at(figures["status"], name, f"{_STATUS}{name}") for name in figures["status"]}
        add_up(treated, status.values())
        add_up(treated, [evaluated])
        add_up(eligible, [evaluated, missing, not_due])
        unmet = at(figures, "criterion_a_not_met", "criterion_a_not_met")
        add_up(treated, [eligible, status["NO_BASELINE"], status["BELOW_CUT"], unmet])
        x: dict[str, str] = {}
        for name in ("response", "remission", "worsened", "reliable_change", "reliable_and_below"):
            x[name], n = self.counts.rate(figures[name], name, "evaluated")
            add_up(evaluated, [n])
        add_up(x["response"], [x["remission"]])
        add_up(x["response"], [x["reliable_change"]])
        add_up(x["reliable_change"], [x["reliable_and_below"]])
        add_up(evaluated, [x["response"], x["worsened"]])
        _, due = self.counts.rate(figures["non_responder_imputation"], "response", "due")
        best, _ = self.counts.rate(figures["best_case"], "best_case", "due")
        add_up(due, [evaluated, missing])
        add_up(eligible, [due, not_due])
        add_up(best, [x["response"], missing])
        for name in ("baseline", "endpoint", "reduction"):
            add_up(evaluated, [at(figures[name], "n", "evaluated")])
        for name in figures["flags"]:
            add_up(evaluated, [at(figures["flags"], name, f"flag.{name}")])

    def study_like(self, figures: dict[str, Any], of: str) -> None:
        """What is printed of them: those evaluated, and two rates."""
        evaluated = self.counts.at(figures, "evaluated", f"{of}evaluated")
        self.within("treated", evaluated)
        x = {
            name: self.counts.rate(figures[name], f"{of}{name}", f"{of}evaluated")[0]
            for name in ("response", "remission")
        }
        self.within(x["response"], x["remission"])

    def beside(self, drawn: dict[str, Any]) -> None:
        at, add_up, rate = self.counts.at, self.counts.add_up, self.counts.rate
        rate(drawn["eligible_share"], "eligible", "treated")
        x, n = rate(drawn["completeness"], "obtained", "asked")
        add_up("evaluated", [x])
        add_up("eligible", [n])
        add_up("evaluated", [at(drawn, "weekly_endpoints", "weekly_endpoints")])
        add_up("remission", [at(drawn, "weekly_remissions", "weekly_remissions")])
        add_up("treated", ["eligible", at(drawn, "worsened_outside", "worsened_outside")])
        add_up("missing", [at(drawn, "left", "left")])
        for name in ("response", "remission"):
            x, n = rate(drawn[f"{name}_after"], f"{name}_after", "evaluated_after")
            add_up(name, [x])
            add_up("evaluated", [n, "flag.covers_pretreatment"])

    def care_flow(self, drawn: dict[str, Any]) -> None:
        at, add_up = self.counts.at, self.counts.add_up
        lost = {"no_baseline": f"{_STATUS}NO_BASELINE", "below_cut": f"{_STATUS}BELOW_CUT"}
        steps = [at(step, "n", step["name"]) for step in drawn["steps"]]
        for step, name, then in zip(drawn["steps"], steps, [*steps[1:], None], strict=True):
            parts = [at(step["lost"], reason, lost.get(reason, reason)) for reason in step["lost"]]
            if then:
                add_up(name, [then, *parts])
        eligible = steps[-1]
        for window in drawn["windows"]:
            due = at(window, "due", self.of(window["name"], "due"))
            found = at(window, "obtained", self.of(window["name"], "evaluated"))
            for key, whole, reasons in (("not_due", eligible, due), ("missing", due, found)):
                parts = [at(window[key], name, f"{window['name']}.{key}.{name}") for name in window[key]]
                add_up(whole, [reasons, *parts])
                total = self.counts.named(self.of(window["name"], key), sum(self.counts.values[part] for part in parts))
                add_up(total, parts)
        add_up(eligible, [at(drawn["induction"], name, f"induction.{name}") for name in drawn["induction"]])

    def waterfall(self, drawn: dict[str, Any]) -> None:
        at, add_up = self.counts.at, self.counts.add_up
        n = at(drawn, "n", "evaluated")
        names = {"remission": "remission", "worsened": "worsened"}
        classes = {name: at(drawn["classes"], name, names.get(name, f"class.{name}")) for name in drawn["classes"]}
        add_up(n, classes.values())
        add_up("response", [classes["remission"], classes["response"]])

    def reliable_change(self, drawn: dict[str, Any]) -> None:
        at, add_up = self.counts.at, self.counts.add_up
        n = at(drawn, "n", "evaluated")
        names = {"recovered": "reliable_and_below"}
        classes = {name: at(drawn["classes"], name, names.get(name, f"reliable.{name}")) for name in drawn["classes"]}
        add_up(n, classes.values())
        add_up(at(drawn, "better", "reliable_change"), [classes["recovered"], classes["improved"]])
        add_up("worsened", [classes["deteriorated"]])
        add_up(n, [at(drawn, "at_or_below", "at_or_below")])

    def trajectories(self, drawn: dict[str, Any]) -> None:
        n = self.counts.at(drawn, "n", "followed")
        self.within("eligible", n)
        for visit in drawn["visits"]:
            name = "followed" if visit["name"] == "BASELINE" else self.of(visit["name"], "evaluated")
            self.within(n, self.counts.at(visit, "n", name))

    def completeness(self, drawn: dict[str, Any]) -> None:
        at, add_up = self.counts.at, self.counts.add_up
        columns: dict[tuple[str, str], list[str]] = {}
        for row in drawn["rows"]:
            of = "" if row["kind"] == "all" else f"{row['kind']} {row['quarter']}."
            base: list[str] = []
            for cell in row["cells"]:
                names = self._cell(cell, of)
                x, n = self.counts.rate(cell, *names[:2])
                waiting = at(cell, "waiting", names[2])
                for key, name in (("x", x), ("n", n), ("waiting", waiting)):
                    columns.setdefault((cell["column"], key), []).append(name)
                if base and not of:
                    add_up("eligible", [n, waiting])
                if base:
                    add_up(base[0], [n, waiting])
                else:
                    base.append(x)
        for *parts, whole in columns.values():
            add_up(whole, parts)
        primary = drawn["primary"]
        at(primary["followed"], "n", self.of("PRIMARY", "evaluated"))
        at(primary["lost"], "n", self.of("PRIMARY", "missing"))

    def _cell(self, cell: dict[str, Any], of: str) -> tuple[str, str, str]:
        if cell["column"] == "BASELINE":
            return (f"{of}baseline", f"{of}treated", f"{of}waiting for none")
        names = (self.of(cell["column"], what) for what in ("obtained", "asked", "waiting"))
        x, n, waiting = (f"{of}{name}" for name in names)
        return x, n, waiting

    def subgroups(self, drawn: dict[str, Any]) -> None:
        at, add_up = self.counts.at, self.counts.add_up
        everybody = at(drawn, "n", "evaluated")
        if "all" in drawn:
            at(drawn["all"], "n", "evaluated")
            at(drawn["all"], "responded", "response")
        for group in drawn["groups"]:
            rows = [f"{group['name']}.{row['label']}" for row in group["rows"]]
            sizes = [at(row, "n", f"{name}.n") for name, row in zip(rows, group["rows"], strict=True)]
            responded = [at(row, "responded", f"{name}.x") for name, row in zip(rows, group["rows"], strict=True)]
            add_up(everybody, [*sizes, at(group, "unknown", f"{group['name']}.unknown")])
            add_up("response", responded)
            for size, x in zip(sizes, responded, strict=True):
                add_up(size, [x])

    def symptoms(self, drawn: dict[str, Any]) -> None:
        n = self.counts.at(drawn, "n", "evaluated")
        for at, row in enumerate(rows_of_symptoms(drawn)):
            self.within(n, self.counts.at(row, "n", f"symptom {at}"))

    def adverse_events(self, drawn: dict[str, Any]) -> None:
        for of in ("infusions", "patients"):
            whole = {"infusions": "infusions of all courses", "patients": "patients"}[of]
            self.counts.at(drawn, of, whole)
            any_grade = f"any.{of}"
            for row in [*drawn["grades"], *drawn["terms"]]:
                name = row["name"] if "name" in row else f"term {row['term']}"
                x, _ = self.counts.rate(row[of], f"{name}.{of}", whole)
                self.within(any_grade, x)
            self.within(f"grade_2.{of}", f"grade_3.{of}")

    def setting(self, drawn: dict[str, Any]) -> None:
        self.counts.at(drawn, "patients", "treated")
        self.counts.at(drawn, "infusions", "infusions")
        for part in drawn["parts"]:
            answers = [answer for answer in part if answer != "name" and part[answer]]
            names = [self.counts.rate(part[answer], f"{part['name']}.{answer}", "infusions")[0] for answer in answers]
            self.within("infusions", *names)

    def retreatment(self, drawn: dict[str, Any]) -> None:
        at, add_up = self.counts.at, self.counts.add_up
        patients, second, third = (
            at(drawn, "patients", "treated"),
            at(drawn, "second", "second"),
            at(drawn, "third", "third"),
        )
        add_up(patients, [second])
        add_up(second, [third])
        add_up(second, [at(drawn["first_outcome"], name, f"first.{name}") for name in drawn["first_outcome"]])
        for of in ("second_courses", "later_courses"):
            group = drawn[of]
            who, courses = at(group, "patients", "second"), at(group, "courses", f"{of}.courses")
            add_up(courses, [who, third] if of == "later_courses" else [who])
            names = ("evaluated_patients", "evaluated")
            evaluated_patients, evaluated = (at(group, name, f"{of}.{name}") for name in names)
            add_up(who, [evaluated_patients])
            add_up(courses, [evaluated])
            add_up(evaluated, [evaluated_patients])
            at(group["days"], "n", f"{of}.courses")
            if group["response"]:
                self.counts.rate(group["response"], f"{of}.response", f"{of}.evaluated")
        add_up("later_courses.courses", ["second_courses.courses", third])
        add_up("later_courses.evaluated", ["second_courses.evaluated"])

    def time_to_first(self, drawn: dict[str, Any]) -> None:
        at, add_up = self.counts.at, self.counts.add_up
        eligible = at(drawn, "eligible", "eligible")
        without = at(drawn, "without_follow_up", "without follow-up")
        for name, curve in drawn["curves"].items():
            n, events = at(curve, "n", "in the curves"), at(curve, "events", f"first {name}")
            add_up(eligible, [n, without])
            _last_point(self.counts, curve, n, events)
        add_up("first response", ["first remission"])

    def time_to_loss(self, drawn: dict[str, Any]) -> None:
        at, add_up = self.counts.at, self.counts.add_up
        responders = at(drawn, "responders", "responders")
        n: dict[str, str] = {}
        events: dict[str, str] = {}
        for name, curve in drawn["curves"].items():
            n[name], events[name] = at(curve, "n", f"loss {name}"), at(curve, "events", f"lost {name}")
            _last_point(self.counts, curve, n[name], events[name])
        add_up(responders, [n["all"], at(drawn, "without_follow_up", "responders without follow-up")])
        add_up(n["all"], [events["all"], at(drawn, "died", "died in response")])
        add_up(events["all"], [at(drawn, "inductions", "new inductions")])
        if len(n) > 1:
            add_up(n["all"], [n["psychotherapy"], n["none_recorded"]])
            add_up(events["all"], [events["psychotherapy"], events["none_recorded"]])


def _last_point(counts: Counts, curve: dict[str, Any], n: str, events: str) -> None:
    """Those with the event, and of them those up to the last day of the table. Where `n` is withheld there is no table."""
    counts.add_up(n, [events])
    if curve["points"]:
        shown = counts.named(f"{events} by the last day", curve["points"][-1][2])
        counts.kept[shown] = 9
        counts.add_up(events, [shown])


_CHARTS = {
    name: getattr(_Window, name)
    for name in (
        "beside",
        "care_flow",
        "waterfall",
        "reliable_change",
        "trajectories",
        "completeness",
        "subgroups",
        "symptoms",
        "adverse_events",
        "setting",
        "retreatment",
        "time_to_first",
        "time_to_loss",
    )
}
