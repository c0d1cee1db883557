"""The board of all sessions in the infusion rooms."""

from django.urls import path

from clinic.room import board

urlpatterns = [path("", board.rooms, name="board")]
