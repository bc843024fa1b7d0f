"""People who left: their accounts of this platform are disabled by the date, without anybody having to think of it."""

from django.db import transaction

from sekisho.kernel.actor import Actor
from sekisho.people.actions import IdReviewAction
from sekisho.people.models import User
from sekisho.people.queries import today
from sekisho.people.services.sign_in import account_ref
from sekisho.register.services import append


@transaction.atomic
def end_leavers(*, actor: Actor) -> int:
    """Disable every working account whose owner's last day has passed, end its sessions, and return how many.

    Signing in is refused from that day on in any case; a disabled account stays so when the dates are changed later.
    """
    actor.require(IdReviewAction.END_LEAVER)
    rows = User.objects.select_related("staff").select_for_update(of=("self",))
    gone = list(rows.filter(is_active=True, staff__employed_until__lt=today()).order_by("pk"))
    for user in gone:
        user.is_active = False
        user.revision += 1
        user.save(update_fields=["is_active", "revision"])
        details = {"last_day": str(user.staff.employed_until)}
        append(actor=actor, action=IdReviewAction.END_LEAVER, subject=account_ref(user), details=details)
    return len(gone)
