"""What every table of the estate has. Rows are closed, never deleted; ``version`` prevents lost changes."""

from typing import TYPE_CHECKING, ClassVar

from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _

from sekisho.kernel.ids import new_id

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

LONGEST_TEXT = 2000
_NAME_TAKEN = _("There is an open entry of this name already.")


def open_once(name: str, *fields: str, message: "StrPromise" = _NAME_TAKEN) -> UniqueConstraint:
    """Among open rows the fields name one thing; a closed row may share its name with a later one."""
    return UniqueConstraint(
        fields=fields,
        condition=Q(closed_at=None),
        name=name,
        violation_error_message=message,
        violation_error_code="unique",  # lets Django report it at the field, if it is one
    )


def prose() -> "models.TextField[str, str]":
    """Return a column for free text. The limit holds in every entrance: a form's own stops browsers only."""
    return models.TextField(blank=True, max_length=LONGEST_TEXT, validators=[MaxLengthValidator(LONGEST_TEXT)])


class Entry(models.Model):
    """What every ledger row of the estate has."""

    # Rows of a fixed table are not added or closed by hand: the facility is one, layers come and go with their system.
    fixed: ClassVar[bool] = False

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_reason = prose()
    search_key = models.TextField()

    class Meta:
        abstract = True
