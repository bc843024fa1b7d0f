"""The ID ledger: the accounts of every registered system, as the facility has granted them.

Personal data: logins, their owners, when they were last used.
"""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sekisho.kernel.search import fold
from sekisho.ledgers.models import BookEntry
from sekisho.ledgers.models.book import prose
from sekisho.people.models.accounts import AccountKind
from sekisho.people.models.staff import Staff


class Owner(Staff):
    """A member of staff as the owner of accounts: told from namesakes by the staff number."""

    class Meta:
        proxy = True

    def __str__(self) -> str:
        return f"{self.name} ({self.staff_number})" if self.staff_number else self.name


class AccountState(models.TextChoices):
    """Whether an account can be used in its system."""

    ACTIVE = "active", _("Active")
    DISABLED = "disabled", _("Disabled")


class SystemAccount(BookEntry):
    """One account of one system. ``login_key`` is the login as it is compared: width and case do not matter."""

    system = models.ForeignKey("estate.System", on_delete=models.PROTECT, related_name="+")
    login = models.CharField(max_length=200)
    login_key = models.CharField(max_length=400, editable=False, blank=True)
    kind = models.CharField(max_length=16, choices=AccountKind, default=AccountKind.STAFF)
    owner = models.ForeignKey(Owner, null=True, blank=True, on_delete=models.PROTECT, related_name="system_accounts")
    department = models.ForeignKey(
        "estate.Department", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    vendor = models.ForeignKey("estate.Vendor", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    rights = models.CharField(max_length=200, blank=True)
    administrator = models.BooleanField(default=False)
    shared = models.BooleanField(default=False)
    application = models.CharField(max_length=100, blank=True)
    issued_on = models.DateField(null=True, blank=True)
    expires_on = models.DateField(null=True, blank=True)
    last_used_on = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=16, choices=AccountState, default=AccountState.ACTIVE)
    note = prose()

    class Meta(BookEntry.Meta):
        constraints: ClassVar[list[Any]] = [
            *BookEntry.Meta.constraints,
            models.UniqueConstraint(
                fields=["system", "login_key"],
                condition=Q(closed_at=None, struck_at=None),
                name="system_account_login",
                violation_error_message=_("An entry in use has this login in this system already."),
                violation_error_code="unique",
            ),
        ]

    def clean(self) -> None:
        """Keep the form in which logins are compared."""
        self.login_key = fold(self.login)

    def __str__(self) -> str:
        return self.login
