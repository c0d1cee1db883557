"""Patients: registering, editing, history, consents."""

from django.urls import path

from patients.views import consents, demographics, history

app_name = "patients"
urlpatterns = [
    path("new/", demographics.new, name="new"),
    path("<id:public_id>/edit/", demographics.edit, name="edit"),
    path("<id:public_id>/history/", history.entries, name="history"),
    path("<id:public_id>/history/<slug:kind>/new/", history.new, name="history_new"),
    path("<id:public_id>/history/<slug:kind>/<id:entry_id>/", history.amend, name="history_amend"),
    path("<id:public_id>/history/<slug:kind>/<id:entry_id>/void/", history.void, name="history_void"),
    path("<id:public_id>/consents/", consents.consents, name="consents"),
    path("<id:public_id>/consents/new/", consents.new, name="consent_new"),
    path("<id:public_id>/consents/<id:entry_id>/withdraw/", consents.withdraw, name="consent_withdraw"),
    path("<id:public_id>/consents/<id:entry_id>/void/", consents.void, name="consent_void"),
]
