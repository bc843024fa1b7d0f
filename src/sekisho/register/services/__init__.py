"""Every write of the register: appending an event, and giving waiting events their place in the log."""

from sekisho.register.queries import OUTBOX
from sekisho.register.services.outbox import append, record_refusal
from sekisho.register.services.sequencing import Sequencer, integrate

__all__ = ["OUTBOX", "Sequencer", "append", "integrate", "record_refusal"]
