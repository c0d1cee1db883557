"""Courses and infusions of a patient, and the limits of the clinic."""

from django.urls import include, path

from infusions.views import courses, infusions, limits, planning, sessions

app_name = "infusions"
of_patient = [
    path("courses/new/", courses.open_course, name="course_open"),
    path("courses/<id:course_id>/close/", courses.close, name="course_close"),
    path("courses/<id:course_id>/withdraw/", courses.withdraw, name="course_withdraw"),
    path("courses/<id:course_id>/void/", courses.void, name="course_void"),
    path("courses/<id:course_id>/infusions/plan/", planning.plan, name="infusion_plan"),
    path("courses/<id:course_id>/infusions/plan-series/", planning.plan_series, name="infusion_plan_series"),
    path("courses/<id:course_id>/infusions/new/", infusions.new, name="infusion_new"),
    path("infusions/check-dose/", infusions.check_dose, name="check_dose"),
    path("infusions/<id:infusion_id>/", infusions.infusion, name="infusion"),
    path("infusions/<id:infusion_id>/status/", infusions.change_status, name="infusion_status"),
    path("infusions/<id:infusion_id>/replan/", planning.replan, name="infusion_replan"),
    path("infusions/<id:infusion_id>/correct/", infusions.correct, name="infusion_correct"),
    path("infusions/<id:infusion_id>/move/", infusions.move, name="infusion_move"),
    path("infusions/<id:infusion_id>/void/", infusions.void, name="infusion_void"),
    path("infusions/<id:infusion_id>/vitals/new/", sessions.new_vitals, name="vitals_new"),
    path("infusions/<id:infusion_id>/events/new/", sessions.new_event, name="event_new"),
    path("infusions/<id:infusion_id>/notes/new/", sessions.new_note, name="note_new"),
]
urlpatterns = [
    path("settings/limits/", limits.edit, name="limits"),
    path("patients/<id:public_id>/", include(of_patient)),
]
