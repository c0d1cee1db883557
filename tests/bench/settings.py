"""The settings of the clinic with one address more, the bare view that saves are measured against (bench/urls.py)."""

from clinic.settings import *  # noqa: F403

ROOT_URLCONF = "bench.urls"
