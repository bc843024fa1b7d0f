"""To whom medical information is given: how, on what ground, and where whose responsibility ends."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from sekisho.estate.models.base import prose
from sekisho.estate.models.systems import System
from sekisho.ledgers.models import BookEntry


class ProvisionWay(models.TextChoices):
    """How information reaches the other side."""

    MAIL = "mail", _("By e-mail")
    STORED = "stored", _("Put on a server or a cloud service")
    LINKED = "linked", _("By linked applications")
    MEDIUM = "medium", _("On a medium or on paper")
    OTHER = "other", _("In another way")


class ProvisionGround(models.TextChoices):
    """Why information may be given."""

    CONSENT = "consent", _("Consent of the patient")
    NOTICE = "notice", _("Notice in the house, for treatment")
    LAW = "law", _("By law")
    OTHER = "other", _("Other ground")


class Provision(BookEntry):
    """One recipient and one way of giving information to it; the planning manager approves it."""

    recipient = models.CharField(max_length=200)
    content = models.CharField(max_length=300, blank=True)
    purpose = models.CharField(max_length=200, blank=True)
    ground = models.CharField(max_length=16, choices=ProvisionGround, blank=True)
    way = models.CharField(max_length=16, choices=ProvisionWay)
    system = models.ForeignKey(System, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    protection = models.CharField(max_length=200, blank=True)
    own_limit = models.CharField(max_length=300, blank=True)
    other_limit = models.CharField(max_length=300, blank=True)
    risks_weighed_on = models.DateField(null=True, blank=True)
    discussed_on = models.DateField(null=True, blank=True)
    agreed_on = models.DateField(null=True, blank=True)
    records_kept_at = models.CharField(max_length=200, blank=True)
    until = models.DateField(null=True, blank=True)
    note = prose()

    class Meta(BookEntry.Meta):
        pass

    def __str__(self) -> str:
        return f"{self.recipient} {self.get_way_display()}"
