"""The record of one session: as it stands, as it was signed, and both as PDF."""

from django.urls import path

from clinic.room.record import views

app_name = "session_record"
urlpatterns = [
    path("", views.record, name="record"),
    path("session.pdf", views.record_file, name="record_pdf"),
    path("as-signed/", views.as_signed, name="as_signed"),
    path("as-signed/session.pdf", views.as_signed_file, name="as_signed_pdf"),
]
