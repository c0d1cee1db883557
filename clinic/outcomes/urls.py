"""The dashboard."""

from django.urls import path

from clinic.outcomes import views

app_name = "outcomes"
urlpatterns = [
    path("", views.dashboard, name="dashboard"),
    path("patients/", views.patients_behind, name="patients_behind"),
]
