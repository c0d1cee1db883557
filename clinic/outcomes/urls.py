"""The dashboard and the criteria."""

from django.urls import path

from clinic.outcomes import views

app_name = "outcomes"
urlpatterns = [
    path("", views.dashboard, name="dashboard"),
    path("details/", views.details, name="details"),
    path("as-of/", views.as_of, name="as_of"),
    path("patients/", views.patients_behind, name="patients_behind"),
    path("views/", views.saved_views, name="saved_views"),
    path("panels/<slug:panel>.csv", views.panel_csv, name="panel_csv"),
    path("tables.zip", views.tables_zip, name="tables_zip"),
    path("report.pdf", views.report_pdf, name="report_pdf"),
    path("criteria/", views.criteria, name="criteria"),
    path("criteria/progress/", views.criteria_progress, name="criteria_progress"),
]
