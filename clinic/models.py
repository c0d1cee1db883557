"""Accounts: a person signs in with a work e-mail and holds one or more roles."""

from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models

from clinic import policy
from clinic.public_id import PublicIdField


class UserManager(BaseUserManager["User"]):
    """Makes accounts; the e-mail is kept in lower case so that it is one however it is typed."""

    def create_user(
        self, email: str, password: str | None = None, *, full_name: str = "", roles: tuple[str, ...] = ()
    ) -> "User":
        """Save an account. Without a password it cannot sign in until one is set. Raises ValueError on an unknown role."""
        unknown = sorted(set(roles) - set(policy.Role))
        if unknown:
            raise ValueError(f"Unknown role: {', '.join(unknown)}. Known: {', '.join(policy.Role)}.")
        user = self.model(email=email.strip().lower(), full_name=full_name)
        user.set_password(password)
        user.save(using=self._db)
        RoleGrant.objects.bulk_create(RoleGrant(user=user, role=role) for role in sorted(set(roles)))
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser):
    """A member of staff. There is no superuser: roles decide (clinic/policy.py)."""

    public_id = PublicIdField()
    email = models.EmailField(unique=True)
    full_name = models.CharField(max_length=200)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    #: Grows with each edit of the account, so that a stale form is noticed.
    version = models.PositiveIntegerField(default=1, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    def __str__(self) -> str:
        return self.full_name or self.email

    def roles(self) -> frozenset[str]:
        """The roles held now: one query, or none where `grants` was prefetched. An inactive person holds none."""
        return frozenset(grant.role for grant in self.grants.all()) if self.is_active else frozenset()

    def may(self, action: policy.Action) -> bool:
        """Whether policy allows it to this person now (one query)."""
        return policy.may(self.roles(), action)


class RoleGrant(models.Model):
    """One role held by one person."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="grants")
    role = models.CharField(max_length=20, choices=[(role.value, policy.ROLE_LABELS[role]) for role in policy.Role])

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "role"], name="role_once_per_user"),
            models.CheckConstraint(
                condition=models.Q(role__in=[role.value for role in policy.Role]), name="role_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()}"
