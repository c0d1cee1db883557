"""Questionnaires of a patient; `public_id` of the patient stands before."""

from django.urls import path

from assessments import views

app_name = "assessments"
urlpatterns = [
    path("questionnaires/new/", views.new, name="new"),
    path("questionnaires/<id:assessment_id>/", views.assessment, name="assessment"),
    path("questionnaires/<id:assessment_id>/correct/", views.correct, name="correct"),
    path("questionnaires/<id:assessment_id>/void/", views.void, name="void"),
    path("questionnaires/<id:assessment_id>/move/", views.move, name="move"),
]
