"""The ledger of software (8⑦, 9②): what runs where, by what right, who let it in, and what became of it."""

from collections.abc import Iterator
from datetime import timedelta

from sekisho.assets.actions import SOFTWARE_TITLE, SoftwareAction
from sekisho.assets.ledgers.coverage import registered_systems
from sekisho.assets.ledgers.events import today
from sekisho.assets.models import LicenceKind, Software, Support
from sekisho.assets.rules.days import happened, within
from sekisho.kernel.access import Role
from sekisho.kernel.declarations import Column, Coverage, Group, Ledger, Member
from sekisho.kernel.text import Text, _
from sekisho.ledgers.queries.keeping import members

_NO_ENTRY = _("The software of this system")
_ASKED_WITHIN = timedelta(days=365)

SOFTWARE = Ledger(
    id="assets.software",
    title=SOFTWARE_TITLE,
    model=Software,
    columns=(
        Column("name", _("Product"), listed=True),
        Column("product_version", _("Version"), listed=True),
        Column("kind", _("Kind"), listed=True, filtered=True),
        Column("maker", _("Maker")),
        Column("vendor", _("Vendor"), _("Who delivers and maintains it."), filtered=True),
        Column("system", _("System"), _("The system it is part of."), listed=True, filtered=True),
        Column("installed_on", _("Installed on"), _("Control numbers of the devices, or which and how many.")),
        Column("purpose", _("Purpose")),
        Column("licence", _("Licence"), filtered=True),
        Column("licence_number", _("Licence or contract number"), _("And where the certificate is.")),
        Column("licences_owned", _("Licences owned")),
        Column("licences_used", _("Licences used")),
        Column("licence_until", _("Licence ends on"), expires=True),
        Column("use_approved_on", _("Use approved on")),
        Column("use_approved_by", _("Use approved by"), listed=True),
        Column("support", _("Support"), _("Ask the vendor once a year."), filtered=True),
        Column("end_of_support_on", _("Support ends on"), listed=True, expires=True),
        Column("support_checked_on", _("Support asked for on")),
        Column("update_policy", _("How it is updated"), _("By itself, by the vendor, after asking; how often.")),
        Column("updated_on", _("Last updated on")),
        Column("verified_on", _("Last change verified on"), _("That it works as it should, and nothing else changed.")),
        Column("verified_by", _("Last change verified by")),
        Column("versions", _("History of versions"), _("A line for each: day, version, why, who did it.")),
        Column("sbom", _("Components (SBOM)"), _("Ask at introduction and in maintenance."), filtered=True),
        Column("weaknesses_checked_on", _("News of weaknesses checked on")),
        Column("note", _("Remarks")),
    ),
    owner_role=Role.SYSTEM_OPERATOR,
    review_every=timedelta(days=365),
    requirements=("SO-8-7", "SO-9-1", "SO-9-2"),
    actions=SoftwareAction,
    prefix="SW",
    group=Group.SERVER,
)


def _wanted(row: Software) -> Iterator[tuple[object, Text]]:
    day = today()
    yield row.product_version, _("Version")
    yield row.maker, _("Maker")
    yield row.licence, _("Licence")
    if row.licence == LicenceKind.COUNTED:
        owned, used = row.licences_owned, row.licences_used
        yield owned is not None and used is not None and used <= owned, _("As many licences as are used")
    yield row.use_approved_by and happened(row.use_approved_on, day), _("Approval of its use")
    yield row.update_policy, _("How it is updated")
    yield row.versions, _("History of versions")
    yield row.sbom, _("Components (SBOM)")
    if row.updated_on is not None:
        verified = happened(row.verified_on, day) and row.verified_on is not None and row.verified_on >= row.updated_on
        yield verified and row.verified_by, _("Last change verified by")
    yield _is_supported(row), _("Support by the maker")


def _is_supported(row: Software) -> bool:
    """A day that is over is found by the column itself; no day at all holds for a year after somebody asked."""
    if row.support == Support.UNANNOUNCED:
        return within(row.support_checked_on, today(), _ASKED_WITHIN)
    return row.support == Support.DATED and row.end_of_support_on is not None


def software() -> Iterator[Member]:
    """Yield every entry, and every system of which the ledger knows no software."""
    yield from members(SOFTWARE, _wanted, belongs_to=["system"])
    rows = Software.objects.filter(closed_at=None, struck_at=None).exclude(system=None)
    known = {str(found) for found in rows.values_list("system_id", flat=True)}
    for system in registered_systems():
        if system.id not in known:
            yield Member(frozenset({system.id}), system.label, (_NO_ENTRY,))


SOFTWARE_COVERAGE = Coverage(
    id="assets.software",
    title=_("Version, licence, approval, support and history of every piece of software"),
    population=_("Registered software, and systems without any"),
    measure=software,
    route="assets:software",
)
