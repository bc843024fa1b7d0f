"""The ledger of scanned paper (16①②): looked at before, sharp enough, complete, and the paper is found again."""

from collections.abc import Iterator
from datetime import timedelta

from sekisho.assets.actions import SCANS_TITLE, ScanAction
from sekisho.assets.ledgers.events import event_members, no_case, today
from sekisho.assets.models import Original, Scan
from sekisho.assets.rules.days import happened
from sekisho.kernel.access import Role
from sekisho.kernel.declarations import Column, Coverage, Group, Ledger, Member
from sekisho.kernel.text import Text, _

SCANS = Ledger(
    id="assets.scans",
    title=SCANS_TITLE,
    model=Scan,
    columns=(
        Column("scanned_on", _("Scanned on"), listed=True),
        Column("papers", _("Which papers"), _("For example: consent forms, referral letters."), listed=True),
        Column("extent", _("Which part of them"), _("Period, or from which patient number to which."), listed=True),
        Column("sheets", _("Sheets of paper"), listed=True),
        Column("scanner", _("Scanner"), _("Model and control number.")),
        Column("resolution", _("Resolution (dpi)"), listed=True),
        Column(
            "standard",
            _("Standard of the facility (dpi)"),
            _("The guideline gives no figure: the facility decides what its papers need."),
        ),
        Column("colour", _("Colours"), filtered=True),
        Column(
            "prechecked_by",
            _("Papers looked at before by"),
            _("Stuck-on notes lifted, backs looked at, edges inside the scanner."),
        ),
        Column("scanned_by", _("Scanned by")),
        Column("checked_by", _("Images looked at by"), _("Smallest print readable, nothing missing.")),
        Column("images", _("Images"), _("As many as sides with writing on them.")),
        Column("system", _("Stored in"), filtered=True),
        Column("stored", _("Stored as"), _("Folder or kind of document, and who may open it.")),
        Column("signed_on", _("Signed and time-stamped on"), _("Where the image takes the place of the paper.")),
        Column("original", _("The paper"), listed=True, filtered=True),
        Column("original_place", _("Place of the paper"), _("Box number, room, or the firm that stores it.")),
        Column("original_index", _("How the paper is found"), _("For example: by day of scanning, by patient number.")),
        Column("fetched_on", _("Paper fetched as a trial on")),
        Column("note", _("Remarks")),
    ),
    owner_role=Role.SYSTEM_OPERATOR,
    review_every=timedelta(days=365),
    requirements=("SO-16-1", "SO-16-2"),
    actions=ScanAction,
    prefix="SC",
    group=Group.CLIENT,
    happens_on="scanned_on",
)


def _wanted(row: Scan) -> Iterator[tuple[object, Text]]:
    yield happened(row.scanned_on, today()), _("A day that has come")
    yield row.scanner, _("Scanner")
    yield row.standard and row.resolution >= row.standard, _("Resolution by the standard of the facility")
    yield row.prechecked_by, _("Papers looked at before by")
    yield row.checked_by, _("Images looked at by")
    yield row.images and row.images >= row.sheets, _("An image of every sheet")
    yield row.original, _("The paper")
    if row.original == Original.DISPOSED:
        yield happened(row.signed_on, today()), _("Signed and time-stamped on")
    else:
        yield row.original_place, _("Place of the paper")
        yield row.original_index, _("How the paper is found")


def scans() -> Iterator[Member]:
    """Yield every batch, old ones too, for their paper has to be found; or that somebody stated there was none."""
    found = False
    for member in event_members(SCANS, _wanted, belongs_to=(), only=lambda _row: True):
        found = True
        yield member
    if not found:
        yield from no_case(SCANS, frozenset())


SCAN_COVERAGE = Coverage(
    id="assets.scans",
    title=_("Resolution, checks and place of the paper of every batch scanned"),
    population=_("Registered batches"),
    measure=scans,
    route="assets:scans",
)
