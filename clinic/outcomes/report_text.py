"""The figures of `figures.window_figures` as text for a terminal. Every rate stands with its n, interval and window."""

from typing import Any

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
    """The report as lines."""
    version = f"version {report['criteria_version']}" if report["criteria_version"] else "not in force, no version"
    lines = [
        f"Outcomes as of {report['as_of']}, window {report['window']}, criteria {report['preset']} ({version})",
        f"{report['patients']} patients with an outcome course, {report['courses']} courses counted",
        *_courses_not_patients(report),
        f"{report['eligible']} eligible: {report['evaluated']} evaluated, {report['missing']} missing, "
        f"{report['not_due']} not due",
        "",
        *(_summary_line(name, report[name]) for name in ("baseline", "endpoint", "reduction")),
        _effect_line(report["effect_size"]),
        "",
        *(_rate_line(label, report[name]) for name, label in RATES.items()),
        "",
        _infusions_line(report["infusions_per_course"]),
        "Status: " + ", ".join(f"{name} {count}" for name, count in report["status"].items() if count),
        *(f"{report['flags'][name]} of {report['evaluated']} {label}" for name, label in FLAGS.items()),
        *(_course_line(row) for row in report.get("course_rows", [])),
        "",
        "Observational, no control group. Raw figures: small numbers are not suppressed.",
    ]
    return "\n".join(lines)


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
    return f"{line}; d_z {_number(values['d_z'], 3)}, g_rms {_number(values['g_rms'], 3)}"


def _rate_line(label: str, values: dict[str, Any]) -> str:
    percent = "—" if values["rate"] is None else f"{100 * values['rate']:.1f} %"
    ci95 = values["ci95"] and [100 * bound for bound in values["ci95"]]
    return f"{label:<34} {values['x']} of {values['n']}, {percent}{_interval(ci95, 1)}"


def _course_line(row: dict[str, Any]) -> str:
    change = f"{row['baseline_total']} → {row['endpoint_total']}".replace("None", "—")
    return f"{row['mrn']} course {row['course']}: {row['status']}, {change}, {row['infusions']} infusions"


def _number(value: float | None, places: int) -> str:
    return "—" if value is None else f"{value:.{places}f}"


def _interval(ci95: Any, places: int) -> str:
    return f", 95 % CI {ci95[0]:.{places}f} to {ci95[1]:.{places}f}" if ci95 else ""
