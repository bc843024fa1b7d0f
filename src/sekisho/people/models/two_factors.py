"""The two-factor map: how people get into each layer of each system.

Personal data: the names of those who keep it.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from sekisho.ledgers.models import BookEntry
from sekisho.ledgers.models.book import prose
from sekisho.people.rules.two_factors import MapLayer, Way


class TwoFactorEntry(BookEntry):
    """One layer of one system: which factors it asks for, what stands in, or until when it is put off."""

    LAYERS = (
        (MapLayer.CLIENT.value, _("Client application")),
        (MapLayer.SERVER.value, _("Server operating system")),
        (MapLayer.VPN.value, "VPN"),
    )
    WAYS = (
        (Way.TWO.value, _("Two different factors at this login")),
        (Way.CARRIED.value, _("Two factors at OS or middleware, identity carried over")),
        (Way.SPLIT.value, _("One factor at the OS and one at the application")),
        (Way.ONE.value, _("One factor")),
        (Way.BASTION_1.value, _("Substitute 1: bastion with two factors")),
        (Way.BASTION_2.value, _("Substitute 2: bastion that notices, behind a VPN")),
        (Way.EQUIVALENT.value, _("Another measure at least as strong")),
    )
    system = models.ForeignKey("estate.System", on_delete=models.PROTECT, related_name="+")
    layer = models.CharField(max_length=20, choices=LAYERS)
    way = models.CharField(max_length=16, choices=WAYS)
    factors = models.CharField(max_length=200, blank=True)
    evidence = models.CharField(max_length=300, blank=True)
    tested_on = models.DateField(null=True, blank=True)
    only_way = models.BooleanField(default=False)
    bastion_two_factors = models.BooleanField(default=False)
    notices_strange = models.BooleanField(default=False)
    vpn_only = models.BooleanField(default=False)
    no_administrators = models.BooleanField(default=False)
    updated = models.BooleanField(default=False)
    passwords_differ = models.BooleanField(default=False)
    deferral_reason = models.CharField(max_length=500, blank=True)
    renewal_on = models.DateField(null=True, blank=True)
    product = models.CharField(max_length=200, blank=True)
    approval = models.CharField(max_length=100, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    note = prose()

    class Meta(BookEntry.Meta):
        pass

    def __str__(self) -> str:
        return f"{self.system} / {self.get_layer_display()}"
