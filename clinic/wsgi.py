"""The door for a web server. Refuses to open without the settings that commands can do without."""

import os

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
if not settings.SECRET_KEY_IS_SET:
    raise ImproperlyConfigured("SECRET_KEY is not set. Set it to a random text of 50 characters or more.")
if not settings.ALLOWED_HOSTS:
    raise ImproperlyConfigured("ALLOWED_HOSTS is not set. Set it to the names the clinic is reached by, with commas.")
application = get_wsgi_application()

from clinic.outcomes import background  # noqa: E402 - its models need the application

if not background.has_workers():
    background.load_what_computes()
