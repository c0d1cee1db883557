"""Settings, all from the environment. A missing or wrong one says how to set it.

Management commands need only DATABASE_URL; serving pages also needs SECRET_KEY and ALLOWED_HOSTS (checked in clinic/wsgi.py).
"""

from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key
from kombu import Exchange, Queue

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()


def _flag(name: str) -> bool:
    value = env.str(name, default="0").strip().lower()
    if value not in {"0", "1", "true", "false"}:
        raise ImproperlyConfigured(f"{name} is {value!r}. Set it to 1 or 0.")
    return value in {"1", "true"}


def _database() -> dict[str, object]:
    how = "Set it to sqlite:////absolute/path/tidemark.db or postgresql://user:password@host:5432/name."
    url = env.str("DATABASE_URL", default="")
    if not url:
        raise ImproperlyConfigured(f"DATABASE_URL is not set. {how}")
    scheme = url.partition("://")[0]
    if scheme not in {"sqlite", "postgres", "postgresql"} or "://" not in url:
        raise ImproperlyConfigured(f"DATABASE_URL must begin with sqlite:// or postgresql://. {how}")
    try:
        database: dict[str, object] = dict(env.db_url_config(url))
    except ValueError as error:  # the URL itself may hold a password, so it is not repeated
        raise ImproperlyConfigured(f"DATABASE_URL cannot be read. {how}") from error
    if not database["NAME"]:
        raise ImproperlyConfigured(f"DATABASE_URL names no database. {how}")
    if scheme == "sqlite":
        # One writer at a time: take the write lock at BEGIN (never half-way), wait 5 s for it, let readers go on (WAL).
        # Recursive triggers: else REPLACE deletes a row of an append-only table without asking its triggers.
        database["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 5,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA recursive_triggers=ON",
        }
    return database


def _time_zone() -> str:
    name = env.str("CLINIC_TIME_ZONE", default="America/New_York")
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ImproperlyConfigured(
            f"CLINIC_TIME_ZONE is {name!r}. Set it to a zone name such as America/New_York."
        ) from error
    return name


def _broker_url() -> str:
    url = env.str("CELERY_BROKER_URL", default="")
    if url and not url.startswith(("redis://", "rediss://")):
        raise ImproperlyConfigured(
            "CELERY_BROKER_URL must begin with redis:// or rediss://. Set it to redis://host:6379/0, or leave it out to do "
            "without workers."
        )
    return url


def _room_lock_minutes() -> int:
    text = env.str("ROOM_LOCK_MINUTES", default="20")
    if not text.isdecimal() or not 1 <= int(text) <= 720:
        raise ImproperlyConfigured(f"ROOM_LOCK_MINUTES is {text!r}. Set it to a whole number of minutes from 1 to 720.")
    return int(text)


def _sweep_seconds() -> int:
    text = env.str("SWEEP_SECONDS", default="60")
    if not text.isdecimal() or not 2 <= int(text) <= 3600:
        raise ImproperlyConfigured(f"SWEEP_SECONDS is {text!r}. Set it to a whole number of seconds from 2 to 3600.")
    return int(text)


DEBUG = _flag("DEBUG")
# Commands sign nothing, so a key that lives as long as the process serves them; wsgi.py insists on a real one.
SECRET_KEY_IS_SET = bool(env.str("SECRET_KEY", default=""))
SECRET_KEY = env.str("SECRET_KEY", default="") or get_random_secret_key()
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1"] if DEBUG else [])

INSTALLED_APPS = [
    "clinic.apps.ClinicConfig",
    "clinic.audit.apps.AuditConfig",
    "clinic.web.apps.WebConfig",
    "patients",
    "infusions",
    "assessments",
    "clinic.outcomes.apps.OutcomesConfig",
    "clinic.transfer",
    "clinic.people",
    "clinic.profile",
    "clinic.pages",
    "clinic.letters.apps.LettersConfig",
    "allauth",
    "allauth.account",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "django_htmx",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "clinic.web.middleware.never_stored",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "clinic.profile.middleware.on_clinic_time",
]
ROOT_URLCONF = "clinic.urls"
WSGI_APPLICATION = "clinic.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "clinic.web.context.people",
                "clinic.profile.context.clinic",
            ],
        },
    },
]

DATABASES = {"default": _database()}
# A connection lives on between requests; one that a restarted server closed is noticed and replaced.
CONN_MAX_AGE_SECONDS = 60
DATABASES["default"] |= {"CONN_MAX_AGE": CONN_MAX_AGE_SECONDS, "CONN_HEALTH_CHECKS": True}
# None that outlives its statement, so that a pooler may hand connections round (PgBouncer, transaction pooling).
DATABASES["default"]["DISABLE_SERVER_SIDE_CURSORS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "clinic.User"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "CommonPasswordValidator", "NumericPasswordValidator")
] + [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
]

# Outcomes are computed by workers (clinic/outcomes/tasks.py). Without a broker the same tasks run in process, at once.
CELERY_BROKER_URL = _broker_url()
CELERY_TASK_ALWAYS_EAGER = CELERY_TASK_EAGER_PROPAGATES = not CELERY_BROKER_URL
CELERY_TASK_IGNORE_RESULT = True  # what came of a task stands in the database
# A message is done with when its task is: that of a killed worker is handed out again.
CELERY_TASK_ACKS_LATE = CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 1_000
CELERY_TASK_SOFT_TIME_LIMIT, CELERY_TASK_TIME_LIMIT = 240, 270  # under the visibility timeout
CELERY_TASK_SERIALIZER, CELERY_ACCEPT_CONTENT = "json", ["json"]
# A publisher must never keep a page waiting: half a second at most for a broker that is gone or frozen, one retry for a
# connection that has gone stale. Workers wait as long as it takes (clinic/celery.py).
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 300,
    "socket_timeout": 0.3,
    "socket_connect_timeout": 0.3,
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
    "interval_max": 0,
}
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_step": 0, "interval_max": 0}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
# Whole-clinic work waits in a queue of its own, so that one patient's outcomes never wait behind it.
CELERY_TASK_DEFAULT_QUEUE = "changes"
CELERY_TASK_QUEUES = [Queue(name, Exchange(name), routing_key=name) for name in ("changes", "whole-clinic")]
CELERY_TASK_ROUTES = {
    f"clinic.outcomes.tasks.{name}": {"queue": "whole-clinic"}
    for name in ("recompute_stale", "recompute_all", "recompute_chunk", "nightly", "refresh_summary")
}
# The sweep works off whatever was lost on the way. A message that nobody fetched before the next one is dropped.
SWEEP_SECONDS = _sweep_seconds()
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"  # keeps nothing on disk
CELERY_BEAT_SCHEDULE = {
    name: {
        "task": f"clinic.outcomes.tasks.{name}",
        "schedule": SWEEP_SECONDS,
        "options": {"expires": SWEEP_SECONDS * 5 / 6},
    }
    for name in ("recompute_stale", "nightly")
}

# Accounts are made by an administrator (clinic/people), never by signing up.
ACCOUNT_ADAPTER = "clinic.people.adapter.StaffAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
SESSION_COOKIE_AGE = 12 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
# An open infusion room that nobody touched for so long signs out and covers itself; vital signs are due every 10 or 15.
ROOM_LOCK_MINUTES = _room_lock_minutes()

LANGUAGE_CODE = "en-us"
USE_I18N = False
USE_TZ = True
CLINIC_TIME_ZONE = TIME_ZONE = _time_zone()

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
# An image collects the files once, packed and under names that change with what they hold, so that a browser may keep
# them for good. Without STATIC_ROOT they come straight from the checkout and there is nothing to collect.
STATIC_ROOT = env.str("STATIC_ROOT", default="") or None
WHITENOISE_USE_FINDERS = not STATIC_ROOT
if STATIC_ROOT:
    STORAGES = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }

CRISPY_ALLOWED_TEMPLATE_PACKS = CRISPY_TEMPLATE_PACK = "bootstrap5"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # not in a cookie

# Everything from this server, nothing inline: a page that needs more is wrong.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
# Pages go over TLS and cookies with them, except on one's own machine (the demo, a developer).
TLS = not (DEBUG or _flag("PLAIN_HTTP"))
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = TLS
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz)$"]  # asked from inside the house, past the proxy
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = TLS
# Where a proxy ends TLS its word is taken for that, and for the client's address by which sign-in counts failed tries. Only
# when asked: the proxy must overwrite X-Forwarded-Proto and append to X-Forwarded-For, else anyone could claim either.
if _flag("BEHIND_TLS_PROXY"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    ALLAUTH_TRUSTED_PROXY_COUNT = 1
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
