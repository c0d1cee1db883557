"""Pages that join apps."""

from django.urls import path

from clinic.pages.views import audit, home, operations, patient, patient_list, schedule, worklists

app_name = "pages"
urlpatterns = [
    path("", home.home, name="home"),
    path("infusions/", worklists.infusions, name="infusions"),
    path("infusions/day/", schedule.day, name="infusions_day"),
    path("infusions/week/", schedule.week, name="infusions_week"),
    path("questionnaires/", worklists.questionnaires, name="questionnaires"),
    path("audit/", audit.events, name="audit"),
    path("operations/", operations.operations, name="operations"),
    path("patients/", patient_list.patients, name="patients"),
    path("patients/<id:public_id>/", patient.overview, name="patient"),
    path("patients/<id:public_id>/status/", patient.status, name="patient_status"),
    path("patients/<id:public_id>/courses/", patient.courses, name="patient_courses"),
    path("patients/<id:public_id>/sessions/", patient.sessions, name="patient_sessions"),
    path("patients/<id:public_id>/questionnaires/", patient.questionnaires, name="patient_questionnaires"),
    path("patients/<id:public_id>/notes/", patient.notes, name="patient_notes"),
    path("patients/<id:public_id>/who-looked/", patient.who_looked, name="patient_who_looked"),
]
