"""Handing the lists of staff, accounts and rights to people who carry them into other systems: each time recorded."""

from collections.abc import Sequence

from django.db import transaction

from sekisho.kernel.actor import Actor
from sekisho.people.actions import ProvisioningAction
from sekisho.people.queries.provisioning import Row, rows_of
from sekisho.people.rules.provisioning import Listing
from sekisho.register.services import append


@transaction.atomic
def hand_out(*, actor: Actor, listing: Listing, as_csv: bool) -> Sequence[Row]:
    """Return the rows of a list for a file, and write who took how many. Raises Forbidden."""
    actor.require(ProvisioningAction.HAND_OUT)
    rows = rows_of(listing)
    details = {"list": listing.value, "rows": len(rows), "file": "csv" if as_csv else "xlsx"}
    append(actor=actor, action=ProvisioningAction.HAND_OUT, details=details)
    return rows
