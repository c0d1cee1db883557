"""Every address of the app. The pages arrive with the browser part; until then the app is used from the command line."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
