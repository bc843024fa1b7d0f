"""Tables of the estate. Rows are closed, never deleted; ``version`` keeps two people from overwriting each other.

Personal data: names and telephone numbers of vendors' contact persons.
"""

from typing import TYPE_CHECKING, ClassVar

from django.core.validators import MaxLengthValidator, MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _

from sekisho.kernel.ids import new_id

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

LONGEST_TEXT = 2000
HIGHEST_PORT = 65535


_NAME_TAKEN = _("There is an open entry of this name already.")


def _open_once(name: str, *fields: str, message: "StrPromise" = _NAME_TAKEN) -> UniqueConstraint:
    """Among open rows the fields name one thing; a closed row may share its name with a later one."""
    return UniqueConstraint(
        fields=fields,
        condition=Q(closed_at=None),
        name=name,
        violation_error_message=message,
        violation_error_code="unique",  # lets Django report it at the field, if it is one
    )


def _prose() -> "models.TextField[str, str]":
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
    closed_reason = _prose()
    search_key = models.TextField()

    class Meta:
        abstract = True


class FacilityKind(models.TextChoices):
    """Kinds of facility the guideline speaks of."""

    HOSPITAL = "hospital", _("Hospital")
    CLINIC = "clinic", _("Clinic")
    DENTAL = "dental", _("Dental clinic")
    PHARMACY = "pharmacy", _("Pharmacy")
    VISITING_NURSING = "visiting_nursing", _("Visiting nursing station")
    MIDWIFERY = "midwifery", _("Midwifery home")
    CARE = "care", _("Care provider")
    OTHER = "other", _("Other")


class Facility(Entry):
    """The one facility of this installation."""

    fixed = True

    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=32, choices=FacilityKind)
    institution_code = models.CharField(max_length=10, blank=True)
    beds = models.PositiveIntegerField(null=True, blank=True)
    representative = models.CharField(max_length=100, blank=True)
    address = models.CharField(max_length=300, blank=True)
    telephone = models.CharField(max_length=30, blank=True)
    only = models.BooleanField(default=True, unique=True, editable=False)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(only=True), name="one_facility")]

    def __str__(self) -> str:
        return self.name


class Site(Entry):
    """A place where the facility works: the main building, a branch, a data centre room."""

    name = models.CharField(max_length=200)
    address = models.CharField(max_length=300, blank=True)
    telephone = models.CharField(max_length=30, blank=True)
    note = _prose()

    class Meta:
        constraints = [_open_once("site_name", "name")]

    def __str__(self) -> str:
        return self.name


class Department(Entry):
    """A department; staff belong to one, systems are looked after by one."""

    name = models.CharField(max_length=100)
    kana = models.CharField(max_length=100, blank=True)
    site = models.ForeignKey(Site, null=True, blank=True, on_delete=models.PROTECT, related_name="departments")
    telephone = models.CharField(max_length=30, blank=True)
    note = _prose()

    class Meta:
        constraints = [_open_once("department_name", "name")]

    def __str__(self) -> str:
        return self.name


class Vendor(Entry):
    """A company that builds, runs, maintains or connects something here."""

    name = models.CharField(max_length=200)
    kana = models.CharField(max_length=200, blank=True)
    contact = models.CharField(max_length=100, blank=True)
    telephone = models.CharField(max_length=30, blank=True)
    emergency_telephone = models.CharField(max_length=30, blank=True)
    email = models.EmailField(blank=True)
    contract = models.CharField(max_length=200, blank=True)
    contract_until = models.DateField(null=True, blank=True)
    note = _prose()

    class Meta:
        constraints = [_open_once("vendor_name", "name")]

    def __str__(self) -> str:
        return self.name


class SystemKind(models.TextChoices):
    """The usual systems of a Japanese medical facility."""

    EMR = "emr", _("Electronic medical record and ordering")
    BILLING = "billing", _("Medical accounting (receipt computer)")
    IMAGING = "imaging", _("Imaging (PACS, RIS)")
    LABORATORY = "laboratory", _("Laboratory (LIS)")
    PHARMACY = "pharmacy", _("Dispensing and pharmacy")
    SURGERY = "surgery", _("Surgery and anaesthesia")
    ENDOSCOPY = "endoscopy", _("Endoscopy")
    DIALYSIS = "dialysis", _("Dialysis")
    REHABILITATION = "rehabilitation", _("Rehabilitation")
    CHECKUP = "checkup", _("Health check-up")
    MEALS = "meals", _("Meals")
    RESERVATION = "reservation", _("Reservation and payment")
    ELIGIBILITY = "eligibility", _("Online eligibility check")
    PRESCRIPTION = "prescription", _("Electronic prescription")
    REGIONAL = "regional", _("Regional medical network")
    CARE = "care", _("Nursing care")
    FILES = "files", _("File server")
    DIRECTORY = "directory", _("Directory and authentication")
    BACKUP = "backup", _("Backup")
    REMOTE = "remote", _("Remote access and VPN")
    OFFICE = "office", _("Office work")
    PLATFORM = "platform", _("Safety-management platform")
    OTHER = "other", _("Other")


class SystemForm(models.TextChoices):
    """Where the system runs."""

    ON_PREMISES = "on_premises", _("On-premises")
    CLOUD = "cloud", _("Cloud service")
    HYBRID = "hybrid", _("On-premises and cloud")


class System(Entry):
    """A medical information system that is judged as one."""

    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=32, choices=SystemKind)
    form = models.CharField(max_length=16, choices=SystemForm)
    vendor = models.ForeignKey(Vendor, null=True, blank=True, on_delete=models.PROTECT, related_name="systems")
    department = models.ForeignKey(Department, null=True, blank=True, on_delete=models.PROTECT, related_name="systems")
    site = models.ForeignKey(Site, null=True, blank=True, on_delete=models.PROTECT, related_name="systems")
    holds_medical_information = models.BooleanField(default=True)
    remote_maintenance = models.BooleanField(default=False)
    introduced_on = models.DateField(null=True, blank=True)
    renewal_on = models.DateField(null=True, blank=True)
    note = _prose()

    class Meta:
        constraints = [_open_once("system_name", "name")]

    def __str__(self) -> str:
        return self.name


class LayerKind(models.TextChoices):
    """The layers of a system, as the two-factor rule of chapter 14 tells them apart."""

    CLIENT_APPLICATION = "client_application", _("Client application")
    SERVER_OS = "server_os", _("Server operating system")
    MIDDLEWARE = "middleware", _("Middleware and database")
    NETWORK = "network", _("Network")


class Layer(Entry):
    """One layer of a system: what product it is, and who looks after it."""

    fixed = True

    system = models.ForeignKey(System, on_delete=models.PROTECT, related_name="layers")
    kind = models.CharField(max_length=32, choices=LayerKind)
    product = models.CharField(max_length=200, blank=True)
    product_version = models.CharField(max_length=100, blank=True)
    vendor = models.ForeignKey(Vendor, null=True, blank=True, on_delete=models.PROTECT, related_name="layers")
    end_of_support_on = models.DateField(null=True, blank=True)
    note = _prose()

    class Meta:
        constraints = [UniqueConstraint(fields=["system", "kind"], name="layer_once_per_system")]

    def __str__(self) -> str:
        return f"{self.system} / {self.get_kind_display()}"


class EndpointProtocol(models.TextChoices):
    """How an endpoint is spoken to."""

    HTTPS = "https", "HTTPS"
    HTTP = "http", "HTTP"
    TLS = "tls", _("Other TLS")
    DICOM = "dicom", "DICOM"
    DICOM_TLS = "dicom_tls", "DICOM (TLS)"
    HL7 = "hl7", "HL7 (MLLP)"
    SSH = "ssh", "SSH"
    RDP = "rdp", _("RDP (remote desktop)")
    LDAP = "ldap", "LDAP"
    DATABASE = "database", _("Database")
    OTHER = "other", _("Other")


class Exposure(models.TextChoices):
    """From where an endpoint can be reached."""

    INTERNAL = "internal", _("Only inside")
    SECURE = "secure", _("Over a secure network")
    OPEN = "open", _("Over an open network")


class Endpoint(Entry):
    """An address of a system that others connect to."""

    system = models.ForeignKey(System, on_delete=models.PROTECT, related_name="endpoints")
    host = models.CharField(max_length=253)
    port = models.PositiveIntegerField(validators=[MinValueValidator(1), MaxValueValidator(HIGHEST_PORT)])
    protocol = models.CharField(max_length=16, choices=EndpointProtocol)
    exposure = models.CharField(max_length=16, choices=Exposure)
    purpose = models.CharField(max_length=200, blank=True)
    note = _prose()

    class Meta:
        constraints = [
            _open_once(
                "endpoint_address",
                "host",
                "port",
                message=_("There is an open entry with this host and port already."),
            ),
            models.CheckConstraint(
                condition=Q(port__gte=1, port__lte=HIGHEST_PORT),
                name="endpoint_port",
                violation_error_message=_("A port number lies between 1 and 65535."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


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
    note = _prose()

    class Meta:
        constraints = [_open_once("link_name", "name")]

    def __str__(self) -> str:
        return self.name
