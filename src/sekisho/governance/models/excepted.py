"""What is not met yet, and was approved to be so for a while: the ledger of exceptions."""

from django.core.validators import MaxLengthValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from sekisho.ledgers.models import BookEntry
from sekisho.ledgers.models.book import prose

_LONGEST = 5000
_ITEM = RegexValidator(
    r"\ASO-[0-9]+-[0-9]+(-[0-9a-z]+)*\Z", _("Write the number of the item as its page shows it, such as SO-8-3.")
)


class ExceptedCase(BookEntry):
    """One exception for one subject.

    One that was applied for on the page of a requirement names that ``application`` and its subject; one entered in the
    ledger is applied for as an entry.
    """

    requirement = models.CharField(max_length=32, validators=[_ITEM])
    about = models.CharField(max_length=300)
    system = models.ForeignKey("estate.System", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(max_length=_LONGEST, validators=[MaxLengthValidator(_LONGEST)])
    substitute = models.TextField(max_length=_LONGEST, validators=[MaxLengthValidator(_LONGEST)])
    until = models.DateField()
    owner = models.CharField(max_length=100, blank=True)
    note = prose()
    application = models.CharField(max_length=64, blank=True, editable=False, db_index=True)
    subject_id = models.CharField(max_length=64, blank=True, editable=False)

    class Meta(BookEntry.Meta):
        pass

    def __str__(self) -> str:
        return f"{self.requirement} {self.about}"
