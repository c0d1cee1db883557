"""Accounts, for the administrator."""

from django.urls import path

from clinic.people import views

app_name = "people"
urlpatterns = [
    path("people/", views.people, name="people"),
    path("people/new/", views.new, name="new"),
    path("people/<id:public_id>/", views.edit, name="edit"),
    path("people/<id:public_id>/password/", views.new_password, name="new_password"),
]
