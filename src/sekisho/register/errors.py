"""What can go wrong with the register."""

from sekisho.kernel.errors import SekishoError
from sekisho.kernel.text import _


class OutsideTransaction(SekishoError):
    """An event was appended without the transaction of the change it records."""

    code = "register.outside_transaction"
    message = _("An event must be written in the same transaction as the change it records.")
    status = 500
    exit_code = 70
