"""The light roles of static/css/tokens.css, for paper. A test keeps them the same."""

TOKENS = {
    "ink": "#12222a",
    "ink-2": "#42535b",
    "ink-3": "#58686f",
    "line": "#dde4e6",
    "line-strong": "#7d8c93",
    "surface": "#ffffff",
    "sunken": "#edf1f2",
    "canvas": "#f5f7f7",
    "accent": "#0a6370",
    "accent-soft": "#e0f0f1",
    "warn": "#7d4a00",
    "warn-soft": "#fff3dc",
    "warn-line": "#e8c27a",
    "danger": "#a8201a",
    "danger-soft": "#fdecea",
    "info": "#1d5a99",
    "info-soft": "#e8f1fa",
    "info-line": "#b5d1ec",
    "remission": "#124a86",
    "response": "#2f7cc0",
    "none": "#7f8d94",
    "relapsed": "#a86a00",
    "worsened": "#c2410c",
    "pending": "#7f8d94",
    "chart-1": "#124a86",
    "chart-2": "#c2410c",
    "chart-3": "#0a7a74",
    "chart-6": "#58686f",
    "chart-axis": "#9aa7ad",
    "chart-grid": "#e6ebed",
    "chart-text": "#4f5f67",
    "heat-0": "#f3f6f9",
    "heat-1": "#dbe7f3",
    "heat-2": "#b4cfe8",
    "heat-3": "#7fabd6",
    "heat-4": "#2f6ba8",
    "heat-5": "#124a86",
    "cut": "#12222a",
}


def colour(role: str) -> str:
    """The colour of a role. Raises KeyError for one that paper does not know."""
    return TOKENS[role]
