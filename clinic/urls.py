"""Every address of the app. Nothing but a random id stands in one."""

from allauth.account import views as account
from django.urls import include, path

from clinic import views

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("account/sign-in/", account.login, name="account_login"),
    path("account/sign-out/", account.logout, name="account_logout"),
    path("account/inactive/", account.account_inactive, name="account_inactive"),
    path("account/password/", account.password_change, name="account_change_password"),
    path("", include("clinic.people.urls")),
    path("", include("clinic.profile.urls")),
    path("outcomes/", include("clinic.outcomes.urls")),
    path("exports/", include("clinic.transfer.urls")),
    path("patients/", include("patients.urls")),
    path("patients/<id:public_id>/", include("assessments.urls")),
    path("", include("infusions.urls")),
    path("infusions/lots/", include("clinic.room.lots.urls")),
    path("patients/<id:public_id>/infusions/<id:infusion_id>/record/", include("clinic.room.record.urls")),
    path("", include("clinic.pages.urls")),
    path("", include("clinic.room.urls")),
    path("patients/<id:public_id>/letters/", include("clinic.letters.urls")),
]
