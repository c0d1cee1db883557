"""The lots that were used, and who received from one."""

from django.urls import path

from clinic.room.lots import views

app_name = "lots"
urlpatterns = [
    path("", views.lots_used, name="lots"),
    path("<id:lot>/", views.lot_used, name="lot"),
    path("<id:lot>/lot.csv", views.lot_csv, name="lot_csv"),
]
