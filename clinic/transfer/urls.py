"""Files that leave the clinic."""

from django.urls import path

from clinic.transfer import views

app_name = "transfer"
urlpatterns = [path("research/", views.research_export, name="research_export")]
