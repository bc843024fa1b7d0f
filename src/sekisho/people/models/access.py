"""The roles that systems know, and who asked for which of them for whom.

Personal data: the people whose access is asked for, their logins, and who confirmed.
"""

from functools import cache
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from sekisho.kernel import clock
from sekisho.kernel.dates import in_facility
from sekisho.kernel.search import fold
from sekisho.ledgers.models import BookEntry
from sekisho.ledgers.models.book import prose
from sekisho.people.models.id_ledger import Owner
from sekisho.people.models.staff import Profession
from sekisho.people.rules.access_requests import read_professions
from sekisho.ui.display import LANGUAGES


class Duty(models.TextChoices):
    """What a role is there for: nobody both operates and audits."""

    USE = "use", _("Using it at work")
    OPERATE = "operate", _("Operating or administering it")
    AUDIT = "audit", _("Auditing it: reading its logs")


@cache
def professions_by_name() -> dict[str, str]:
    """Return the code of each profession by its folded name, also without what is in brackets, in every language."""
    known: dict[str, str] = {}
    for language in LANGUAGES:
        with translation.override(language):
            for code, label in Profession.choices:
                short = str(label).split("(")[0].split("（")[0]
                known |= {fold(short): str(code), fold(str(label)): str(code)}
    return known


class SystemRole(BookEntry):
    """A role of one system, named as the system names it. ``usual_for`` lists professions, by their labels."""

    system = models.ForeignKey("estate.System", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=100)
    name_key = models.CharField(max_length=200, editable=False, blank=True)
    duty = models.CharField(max_length=16, choices=Duty, default=Duty.USE)
    data_classes = models.CharField(max_length=300, blank=True)
    may_view = models.BooleanField(default=False)
    may_add = models.BooleanField(default=False)
    may_update = models.BooleanField(default=False)
    may_execute = models.BooleanField(default=False)
    usual_for = models.CharField(max_length=300, blank=True)
    note = prose()

    class Meta(BookEntry.Meta):
        constraints: ClassVar[list[Any]] = [
            *BookEntry.Meta.constraints,
            models.UniqueConstraint(
                fields=["system", "name_key"],
                condition=Q(closed_at=None, struck_at=None),
                name="system_role_name",
                violation_error_message=_("An entry in use has this role of this system already."),
                violation_error_code="unique",
            ),
        ]

    def clean(self) -> None:
        """Keep the form in which names are compared. Raises ValidationError for words that are no profession."""
        self.name_key = fold(self.name)
        unknown = read_professions(self.usual_for, professions_by_name())[1]
        if unknown:
            text = _("No profession is called: %(words)s") % {"words": ", ".join(unknown)}
            raise ValidationError({"usual_for": str(text)})

    def is_usual_for(self, profession: str) -> bool:
        """Tell whether the profession has this role as a matter of course."""
        return profession in read_professions(self.usual_for, professions_by_name())[0]

    def __str__(self) -> str:
        return f"{self.system}: {self.name}"


class AccessRequest(BookEntry):
    """One role asked for one person, and what became of it.

    ``department`` is where the person worked when it was approved. ``result_of`` is what the department confirmed, so
    that another account, role or person is not taken for confirmed.
    """

    person = models.ForeignKey(Owner, on_delete=models.PROTECT, related_name="access_requests")
    role = models.ForeignKey(SystemRole, on_delete=models.PROTECT, related_name="requests")
    reason = models.CharField(max_length=300)
    beyond = models.CharField(max_length=300, blank=True)
    from_outside = models.BooleanField(default=False)
    from_on = models.DateField()
    until_on = models.DateField(null=True, blank=True)
    granted_on = models.DateField(null=True, blank=True)
    login = models.CharField(max_length=200, blank=True)
    login_key = models.CharField(max_length=400, editable=False, blank=True)
    result_on = models.DateField(null=True, blank=True)
    result_by = models.CharField(max_length=100, blank=True)
    withdrawn_on = models.DateField(null=True, blank=True)
    note = prose()
    department = models.ForeignKey(
        "estate.Department", null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    result_of = models.TextField(blank=True, editable=False)
    result_name = models.CharField(max_length=100, blank=True, editable=False)

    class Meta(BookEntry.Meta):
        indexes: ClassVar[list[Any]] = [
            *BookEntry.Meta.indexes,
            models.Index(fields=["role", "login_key"], name="access_request_login"),
        ]

    @property
    def present_result(self) -> str:
        """What a confirmation of the result would speak of now."""
        return "|".join(map(str, (self.login_key, self.role_id, self.person_id, self.granted_on, self.until_on)))

    @property
    def is_result_confirmed(self) -> bool:
        """Tell whether the department confirmed the result as it stands."""
        return self.result_on is not None and self.result_of == self.present_result

    def clean(self) -> None:
        """Keep the form in which logins are compared, and who confirmed, whatever was typed there.

        Raises ValidationError for what contradicts itself.
        """
        self.login_key, self.result_by = fold(self.login), self.result_name
        if faults := dict(self._faults()):
            raise ValidationError({name: str(text) for name, text in faults.items()})

    def _faults(self) -> Any:
        if self.from_on and self.until_on and self.until_on < self.from_on:
            yield "until_on", _("This is before the first day.")
        if self.granted_on and not self.login:
            yield "login", _("Write the login under which it was granted.")
        today = in_facility(clock.now()).date()
        for name in ("granted_on", "result_on", "withdrawn_on"):
            day = getattr(self, name)
            if day and day > today:
                yield name, _("This day has not come yet.")
            elif day and (self.granted_on is None or day < self.granted_on):
                yield name, _("First it is granted.")

    def __str__(self) -> str:
        return f"{self.person} → {self.role}"
