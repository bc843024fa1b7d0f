"""How each system identifies its users, and what it asks of passwords, as it was tested or stated. No personal data."""

from typing import Any, ClassVar

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sekisho.ledgers.models import BookEntry
from sekisho.ledgers.models.book import prose

_MOST = 1000


class Method(models.TextChoices):
    """What somebody signs in with."""

    PASSWORD = "password", _("Password")  # a choice, no password
    CARD = "card", _("Card or key with a PIN")
    BIOMETRICS = "biometrics", _("Biometrics")
    DIRECTORY = "directory", _("Sign-in of another system")
    NONE = "none", _("None")


class Ground(models.TextChoices):
    """How it is known."""

    TEST = "test", _("Tested and written down")
    STATEMENT = "statement", _("The vendor's paper")
    SETTINGS = "settings", _("Read from its settings")
    UNKNOWN = "", _("Not known")  # last: a form calls an empty first choice “None”, which here would read as no


class Answer(models.TextChoices):
    """Yes, no, or nobody has found out."""

    YES = "yes", _("Yes")
    NO = "no", _("No")
    UNKNOWN = "", _("Not known")  # last: a form calls an empty first choice “None”, which here would read as no


def answer() -> "models.CharField[str, str]":
    """Return a column for a question about a system."""
    return models.CharField(max_length=8, choices=Answer, blank=True)


def number() -> "models.PositiveIntegerField[int | None, int | None]":
    """Return a column for a number that may not be known."""
    return models.PositiveIntegerField(null=True, blank=True, validators=[MaxValueValidator(_MOST)])


class AuthenticationSurvey(BookEntry):
    """What was found about the authentication of one system; empty numbers and answers are not known."""

    system = models.ForeignKey("estate.System", on_delete=models.PROTECT, related_name="+")
    method = models.CharField(max_length=16, choices=Method)
    own_ids = answer()
    second_factor = answer()
    password_minimum = number()
    password_maximum = number()
    letters_and_digits = answer()
    symbols = answer()
    pin_minimum = number()
    forced_change_days = number()
    first_change = answer()
    refuses_former = answer()
    irreversible = answer()
    hidden = answer()
    stops = answer()
    ground = models.CharField(max_length=16, choices=Ground, blank=True)
    evidence = models.CharField(max_length=200, blank=True)
    surveyed_on = models.DateField(null=True, blank=True)
    note = prose()

    class Meta(BookEntry.Meta):
        constraints: ClassVar[list[Any]] = [
            *BookEntry.Meta.constraints,
            models.UniqueConstraint(
                fields=["system"],
                condition=Q(closed_at=None, struck_at=None),
                name="authentication_survey_system",
                violation_error_message=_("An entry in use speaks of this system already."),
                violation_error_code="unique",
            ),
        ]

    def __str__(self) -> str:
        return str(self.system)
