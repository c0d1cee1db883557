"""Letters of a patient: those that were made, writing one, and opening one again."""

from django.urls import path

from clinic.letters import views

app_name = "letters"
urlpatterns = [
    path("", views.letters, name="letters"),
    path("new/", views.new, name="new"),
    path("<id:letter_id>/", views.letter, name="letter"),
]
