"""The infusion room: the board of all sessions, and the room of each."""

from django.urls import include, path

from clinic.room import views

app_name = "room"
of_session = [
    path("", views.room, name="room"),
    path("since/", views.since, name="since"),
    path("field/", views.field, name="field"),
    path("entries/<slug:what>/", views.entry, name="entry"),
]
urlpatterns = [
    path("infusions/rooms/", include("clinic.room.board_urls")),
    path("patients/<id:public_id>/infusions/<id:infusion_id>/room/", include(of_session)),
]
