"""What every write of a stocktake begins with: its row, locked, and still open."""

from uuid import UUID

from sekisho.assets.errors import StocktakeEnded
from sekisho.assets.models import Stocktake
from sekisho.kernel.errors import NotFound
from sekisho.register.rules import SubjectRef


def lock_open(stocktake_id: UUID) -> Stocktake:
    """Return a stocktake that goes on; whoever else writes to it waits until this transaction ends.

    Of two who read the same label at once, one thus finds the thing and the other finds it again. Raises NotFound,
    StocktakeEnded.
    """
    row = Stocktake.objects.select_for_update().filter(pk=stocktake_id).first()
    if row is None:
        raise NotFound
    if row.ended_at is not None:
        raise StocktakeEnded(name=row.name)
    return row


def stocktake_ref(row: Stocktake) -> SubjectRef:
    """Return how the register names a stocktake."""
    return SubjectRef("stocktake", str(row.pk), str(row)[:200])
