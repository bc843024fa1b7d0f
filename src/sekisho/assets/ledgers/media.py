"""The ledger of media: what it asks for, in the order of its form and of its files."""

from datetime import timedelta

from sekisho.assets import models
from sekisho.assets.actions import MEDIA_TITLE, MediumAction
from sekisho.kernel.access import Role
from sekisho.kernel.declarations import Column, Group, Ledger
from sekisho.kernel.text import _

MEDIA = Ledger(
    id="assets.media",
    title=MEDIA_TITLE,
    model=models.Medium,
    columns=(
        Column("label", _("Name of the medium"), _("As written on it."), listed=True),
        Column("kind", _("Kind"), listed=True, filtered=True),
        Column("content", _("Content"), _("Which information, of which period."), listed=True),
        Column("system", _("System"), _("The system whose information it holds."), filtered=True),
        Column("read_with", _("Read with"), _("Device and software that can read it.")),
        Column("portable", _("Portable")),
        Column("encrypted", _("Encrypted"), filtered=True),
        Column("place", _("Place"), _("Building, room, cabinet."), listed=True),
        Column("locked", _("Kept locked")),
        Column("department", _("Department in charge"), filtered=True),
        Column("keeper", _("Person in charge")),
        Column("used_from", _("In use since")),
        Column(
            "use_until",
            _("Use planned until"),
            _("Before it wears out. Copy it to a new medium by then, and close this entry."),
            listed=True,
            expires=True,
        ),
        Column("read_on", _("Last read on"), _("When somebody made sure that it can be read."), listed=True),
        Column("copied_to", _("Copied to"), _("Number of the new medium.")),
        Column("note", _("Remarks")),
    ),
    owner_role=Role.SYSTEM_OPERATOR,
    review_every=timedelta(days=365),
    requirements=("SO-5-4", "SO-7-7", "SO-12-5"),
    actions=MediumAction,
    prefix="MD",
    group=Group.CLIENT,
    in_navigation=True,
)
