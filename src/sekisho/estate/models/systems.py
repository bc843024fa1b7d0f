"""Systems with their layers and endpoints."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _

from sekisho.estate.models.base import Entry, open_once, prose
from sekisho.estate.models.places import Department, Site, Vendor

HIGHEST_PORT = 65535


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
    note = prose()

    class Meta:
        constraints = [open_once("system_name", "name")]

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
    note = prose()

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
    SMB = "smb", _("SMB (file sharing)")
    NTP = "ntp", _("NTP (time)")
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
    link = models.ForeignKey("estate.Link", null=True, blank=True, on_delete=models.PROTECT, related_name="endpoints")
    purpose = models.CharField(max_length=200, blank=True)
    note = prose()

    class Meta:
        constraints = [
            open_once(
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
