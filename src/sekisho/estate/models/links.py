"""Network links, by the kinds of line of the guideline."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from sekisho.estate.models.base import Entry, open_once, prose
from sekisho.estate.models.places import Site, Vendor


class LineKind(models.TextChoices):
    """Kinds of line, as table 13-1 of the guideline tells them apart, and lines inside the facility."""

    LEASED = "leased", _("Leased line")
    IP_VPN = "ip_vpn", _("IP-VPN")
    IPSEC_IKEV2 = "ipsec_ikev2", _("Internet VPN: IPsec with IKEv2, certificates")
    IPSEC_IKEV2_PSK = "ipsec_ikev2_psk", _("Internet VPN: IPsec with IKEv2, pre-shared key")
    IPSEC_IKE = "ipsec_ike", _("Internet VPN: IPsec with IKE (version 1)")
    SSL_VPN_CLIENT = "ssl_vpn_client", _("Internet VPN: SSL-VPN, client type")
    SSL_VPN_OTHER = "ssl_vpn_other", _("Internet VPN: SSL-VPN, other type")
    VPN_OTHER = "vpn_other", _("Internet VPN: other")
    OPEN_TLS13_MTLS = "open_tls13_mtls", _("Open network: TLS 1.3 (high-security profile) with client certificate")
    OPEN_TLS12_MTLS = "open_tls12_mtls", _("Open network: TLS 1.2 (high-security profile) with client certificate")
    OPEN_OTHER = "open_other", _("Open network: other")
    LAN = "lan", _("Wired LAN inside the facility")
    WIRELESS_LAN = "wireless_lan", _("Wireless LAN inside the facility")


class Link(Entry):
    """A network line, in use by this facility."""

    name = models.CharField(max_length=200)
    line = models.CharField(max_length=32, choices=LineKind)
    site = models.ForeignKey(Site, null=True, blank=True, on_delete=models.PROTECT, related_name="links")
    peer = models.CharField(max_length=200, blank=True)
    carrier = models.ForeignKey(Vendor, null=True, blank=True, on_delete=models.PROTECT, related_name="links")
    purpose = models.CharField(max_length=200, blank=True)
    used_for_maintenance = models.BooleanField(default=False)
    note = prose()

    class Meta:
        constraints = [open_once("link_name", "name")]

    def __str__(self) -> str:
        return self.name
