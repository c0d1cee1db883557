"""What `report.report` gives as text for a terminal. Every rate stands with its n, interval and window."""

from typing import Any

from clinic.outcomes.printed import probability

RATES = {
    "response": "Response",
    "remission": "Remission",
    "worsened": "Worsened",
    "reliable_change": "Reliable change",
    "reliable_and_below": "Reliable, and end state reached",
    "non_responder_imputation": "Response if all missing failed",
    "best_case": "Response if all missing responded",
}
FLAGS = {
    "covers_pretreatment": "endpoints that look back to before treatment",
    "mixed_recall": "pairs of a week and a month form",
    "weekly_baseline": "baselines from a week form",
    "prorated": "pairs with a prorated total",
}


def report_text(report: dict[str, Any]) -> str:
    """The report as lines, one window after the other."""
    windows = report["windows"] if report["window"] == "all" else {report["window"]: report}
    lines = [line for name, figures in windows.items() for line in [*_window_lines(report, name, figures), ""]]
    return "\n".join([*lines, "Observational, no control group. Raw figures: small numbers are not suppressed."])


def _window_lines(report: dict[str, Any], window: str, figures: dict[str, Any]) -> list[str]:
    version = f"version {report['criteria_version']}" if report["criteria_version"] else "not in force, no version"
    chosen = [f"Chosen by {name}: {value}" for name, value in report.get("filters", {}).items()]
    return [
        f"Outcomes as of {report['as_of']}, window {window}, criteria {report['preset']} ({version})",
        *chosen,
        f"{figures['patients']} patients with an outcome course, {figures['courses']} courses counted",
        *_courses_not_patients(figures),
        f"{figures['eligible']} eligible: {figures['evaluated']} evaluated, {figures['missing']} missing, "
        f"{figures['not_due']} not due",
        "",
        *(_summary_line(name, figures[name]) for name in ("baseline", "endpoint", "reduction")),
        _effect_line(figures["effect_size"]),
        _test_line(figures),
        "",
        *(_rate_line(label, figures[name]) for name, label in RATES.items()),
        "",
        _infusions_line(figures["infusions_per_course"]),
        "Status: " + ", ".join(f"{name} {count}" for name, count in figures["status"].items() if count),
        *(f"{figures['flags'][name]} of {figures['evaluated']} {label}" for name, label in FLAGS.items()),
        *_subgroup_lines(figures.get("subgroups")),
        *_survival_lines(figures.get("survival")),
        *(_course_line(row) for row in figures.get("course_rows", [])),
    ]


def _subgroup_lines(drawn: dict[str, Any] | None) -> list[str]:
    """Mean reduction of each subgroup, and the two that are compared."""
    if drawn is None:
        return []
    lines = [
        "",
        f"Mean reduction by subgroup, n {drawn['n']}: exploratory, unadjusted; rows of fewer than 5 are left out",
    ]
    for group in drawn["groups"]:
        for row in group["rows"]:
            name = f"{group['label']}: {row['label']}"
            figures = (
                f"n {row['n']}, {_number(row['mean'], 2)}{_interval(row['ci95'], 2)}, responded {row['responded']}"
            )
            lines.append(f"{name:<44} {figures}")
        lines += _contrast_lines(group.get("contrast", {}))
    return lines


def _contrast_lines(contrast: dict[str, Any]) -> list[str]:
    if "difference" not in contrast:
        return []
    first, second = contrast["labels"]
    name = f"  {first} against {second}"
    welch = f"Welch t {_number(contrast['t'], 3)}, df {_number(contrast['df'], 1)}, p {probability(contrast['p'])}"
    difference = f"{_number(contrast['difference'], 2)}{_interval(contrast['ci95'], 2)}"
    return [f"{name:<44} {difference}; {welch}, Hedges g {_number(contrast['g'], 3)}"]


def _survival_lines(drawn: dict[str, Any] | None) -> list[str]:
    """The median of each curve, and who is in none of them."""
    if drawn is None:
        return []
    loss, first = drawn["time_to_loss"], drawn["time_to_first"]
    return [
        "",
        f"Time to detected loss of response, days: {loss['responders']} responders, "
        f"{loss['without_follow_up']} without follow-up, {loss['inductions']} events were a new induction, {loss['died']} died",
        *(_curve_line(name, curve) for name, curve in loss["curves"].items()),
        f"Time to first detected, days: {first['eligible']} eligible, {first['without_follow_up']} without follow-up",
        *(_curve_line(name, curve) for name, curve in first["curves"].items()),
    ]


def _curve_line(name: str, curve: dict[str, Any]) -> str:
    median = "not reached" if curve["median"] is None else str(curve["median"])
    ends = " to ".join("not reached" if end is None else str(end) for end in curve["median_ci95"])
    return f"  {name.replace('_', ' '):<32} n {curve['n']}, events {curve['events']}, median {median}, 95 % CI {ends}"


def _courses_not_patients(report: dict[str, Any]) -> list[str]:
    every = report["evaluated"] and report["response"]["ci95"] is None
    return ["Courses, not patients: several of one patient may be counted, so there are no intervals"] if every else []


def _infusions_line(values: dict[str, Any]) -> str:
    spread = f"{values['min']} to {values['max']}" if values["min"] is not None else "—"
    return f"Infusions per evaluated course: mean {_number(values['mean'], 1)}, {spread}"


def _summary_line(name: str, values: dict[str, Any]) -> str:
    line = f"{name.capitalize():<34} {_number(values['mean'], 2)} (SD {_number(values['sd'], 2)}), n {values['n']}"
    return line + _interval(values.get("ci95"), 2)


def _effect_line(values: dict[str, Any]) -> str:
    line = f"{'Effect size d_rms':<34} {_number(values['d_rms'], 3)}{_interval(values['d_rms_ci95'], 3)}"
    others = ", ".join(
        f"{name} {_number(values[name], 3)}" for name in ("g_rms", "d_z", "g_z", "d_av", "d_rm", "d_base")
    )
    return f"{line}; {others}"


def _test_line(report: dict[str, Any]) -> str:
    t, ranks = report["paired_t"], report["wilcoxon"]
    paired = f"{'Paired t test':<34} t {_number(t['t'], 3)}, df {_number(t['df'], 0)}, p {_probability(t['p'])}"
    return f"{paired}; Wilcoxon W {_number(ranks['w'], 1)}, p {_probability(ranks['p'])}"


def _rate_line(label: str, values: dict[str, Any]) -> str:
    percent = "—" if values["rate"] is None else f"{100 * values['rate']:.1f} %"
    ci95 = values["ci95"] and [100 * bound for bound in values["ci95"]]
    return f"{label:<34} {values['x']} of {values['n']}, {percent}{_interval(ci95, 1)}"


def _course_line(row: dict[str, Any]) -> str:
    change = f"{row['baseline_total']} → {row['endpoint_total']}".replace("None", "—")
    return f"{row['mrn']} course {row['course']}: {row['status']}, {change}, {row['infusions']} infusions"


def _number(value: float | None, places: int) -> str:
    return "—" if value is None else f"{value:.{places}f}"


def _probability(value: float | None) -> str:
    return "—" if value is None else probability(value)


def _interval(ci95: Any, places: int) -> str:
    return f", 95 % CI {ci95[0]:.{places}f} to {ci95[1]:.{places}f}" if ci95 else ""
