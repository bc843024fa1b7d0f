"""The lists of the estate: what each asks for, in the order of its form and its list; and what they must cover."""

from datetime import timedelta

from sekisho.estate import models, queries
from sekisho.kernel.access import Role
from sekisho.kernel.declarations import Column, Coverage, Ledger
from sekisho.kernel.text import _

_YEARLY = timedelta(days=365)
_NAME = _("Name")
_NOTE = Column("note", _("Remarks"))
_TELEPHONE = Column("telephone", _("Telephone"))
_ADDRESS = Column("address", _("Address"))
_KANA = Column("kana", _("Reading (kana)"))
_SITE = Column("site", _("Site"))

FACILITY = Ledger(
    id="estate.facility",
    title=_("Facility"),
    model=models.Facility,
    columns=(
        Column("name", _("Name of the facility"), _("As registered with the prefecture.")),
        Column("kind", _("Kind of facility")),
        Column("institution_code", _("Medical institution code"), _("Ten digits; leave empty if there is none.")),
        Column("beds", _("Number of beds"), _("0 for a clinic without beds.")),
        Column("representative", _("Head of the facility")),
        _ADDRESS,
        _TELEPHONE,
        Column(
            "update_duty",
            _("Security updates of all servers are the vendor's duty"),
            _("As contract, terms or SLA say. A PC on which the record's program does its work counts as a server."),
        ),
        Column(
            "update_duty_clause",
            _("Where that is written"),
            _("Name, date and clause, for example: maintenance contract of 2026-04-01, article 5."),
        ),
    ),
    owner_role=Role.SYSTEM_OPERATOR,
    review_every=_YEARLY,
)
SITES = Ledger(
    id="estate.sites",
    title=_("Sites"),
    model=models.Site,
    columns=(Column("name", _NAME), _ADDRESS, _TELEPHONE, _NOTE),
    owner_role=Role.SYSTEM_OPERATOR,
    review_every=_YEARLY,
)
DEPARTMENTS = Ledger(
    id="estate.departments",
    title=_("Departments"),
    model=models.Department,
    columns=(Column("name", _NAME), _KANA, _SITE, _TELEPHONE, _NOTE),
    owner_role=Role.SYSTEM_OPERATOR,
    review_every=_YEARLY,
)
VENDORS = Ledger(
    id="estate.vendors",
    title=_("Vendors"),
    model=models.Vendor,
    columns=(
        Column("name", _NAME),
        _KANA,
        Column("contact", _("Contact person")),
        _TELEPHONE,
        Column("emergency_telephone", _("Emergency telephone"), _("The number that answers at night and on holidays.")),
        Column("email", _("E-mail")),
        Column("contract", _("Contract"), _("Name or number of the contract and where it is kept.")),
        Column("contract_until", _("Contract ends on")),
        _NOTE,
    ),
    owner_role=Role.SYSTEM_OPERATOR,
    review_every=_YEARLY,
    requirements=("SO-2-2", "SO-3-3"),
)
SYSTEMS = Ledger(
    id="estate.systems",
    title=_("Systems"),
    model=models.System,
    columns=(
        Column("name", _NAME),
        Column("kind", _("Kind")),
        Column("form", _("Where it runs")),
        Column("vendor", _("Vendor")),
        Column("department", _("Department in charge")),
        _SITE,
        Column("holds_medical_information", _("Handles medical information")),
        Column(
            "remote_maintenance",
            _("Maintained remotely"),
            _("Ask the vendor: a maintenance line nobody knows of is how most attacks came in."),
        ),
        Column("introduced_on", _("In use since")),
        Column(
            "renewal_on",
            _("Next renewal"),
            _("Two-factor authentication falls due on 2027-04-01, or at this renewal with a reason."),
        ),
        _NOTE,
    ),
    owner_role=Role.SYSTEM_OPERATOR,
    review_every=_YEARLY,
    requirements=("SO-2-2", "SO-9-1"),
)
LAYERS = Ledger(
    id="estate.layers",
    title=_("Layers of the systems"),
    model=models.Layer,
    columns=(
        Column("product", _("Product")),
        Column("product_version", _("Version")),
        Column("vendor", _("Vendor")),
        Column("end_of_support_on", _("Support ends on")),
        _NOTE,
    ),
    owner_role=Role.SYSTEM_OPERATOR,
    review_every=_YEARLY,
    requirements=("SO-9-1",),
)
ENDPOINTS = Ledger(
    id="estate.endpoints",
    title=_("Endpoints"),
    model=models.Endpoint,
    columns=(
        Column("system", _("System")),
        Column("host", _("Host name or address")),
        Column("port", _("Port")),
        Column("protocol", _("Protocol")),
        Column("exposure", _("Reachable")),
        Column("link", _("Network link"), _("The line over which it is reached. Its checks count for that line.")),
        Column("purpose", _("Purpose")),
        _NOTE,
    ),
    owner_role=Role.SYSTEM_OPERATOR,
    review_every=_YEARLY,
)
LINKS = Ledger(
    id="estate.links",
    title=_("Network links"),
    model=models.Link,
    columns=(
        Column("name", _NAME),
        Column("line", _("Kind of line"), _("The kinds are those of table 13-1 of the guideline.")),
        _SITE,
        Column(
            "peer", _("Connected to"), _("The other end: a branch, a vendor, a cloud service, the regional network.")
        ),
        Column("carrier", _("Carrier")),
        Column("purpose", _("Purpose")),
        Column("used_for_maintenance", _("Used for remote maintenance")),
        _NOTE,
    ),
    owner_role=Role.SYSTEM_OPERATOR,
    review_every=_YEARLY,
    requirements=("SO-13-1",),
)

_REGISTERED_SYSTEMS = _("Registered systems")
_REGISTERED_VENDORS = _("Registered vendors")

SYSTEM_OWNERS = Coverage(
    id="estate.system_owners",
    title=_("Department and vendor of each system"),
    population=_REGISTERED_SYSTEMS,
    measure=queries.system_owners,
    route="estate:systems",
)
SYSTEM_PROFILES = Coverage(
    id="estate.system_profiles",
    title=_("What each system is and where it stands"),
    population=_REGISTERED_SYSTEMS,
    measure=queries.system_profiles,
    route="estate:systems",
)
LAYER_PRODUCTS = Coverage(
    id="estate.layer_products",
    title=_("Product and version of each layer"),
    population=_("Layers of the registered systems"),
    measure=queries.layer_products,
    route="estate:systems",
)
VENDOR_CONTACTS = Coverage(
    id="estate.vendor_contacts",
    title=_("Contact and emergency number of each vendor"),
    population=_REGISTERED_VENDORS,
    measure=queries.vendor_contacts,
    route="estate:vendors",
)
VENDOR_CONTRACTS = Coverage(
    id="estate.vendor_contracts",
    title=_("Contract with each vendor and its place"),
    population=_REGISTERED_VENDORS,
    measure=queries.vendor_contracts,
    route="estate:vendors",
)
LINK_PARTICULARS = Coverage(
    id="estate.link_particulars",
    title=_("Other end and carrier of each link"),
    population=_("Registered network links"),
    measure=queries.link_particulars,
    route="estate:links",
)

BY_SLUG = {
    ledger.id.removeprefix("estate."): ledger
    for ledger in (FACILITY, SITES, DEPARTMENTS, VENDORS, SYSTEMS, LAYERS, ENDPOINTS, LINKS)
}
