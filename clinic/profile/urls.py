"""The clinic's own settings."""

from django.urls import path

from clinic.profile import views

app_name = "profile"
urlpatterns = [path("settings/", views.settings, name="settings")]
