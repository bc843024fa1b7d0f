"""What can be wrong with a workbook that somebody gives."""

from sekisho.kernel.errors import InvalidInput
from sekisho.kernel.text import _


class WorkbookRefused(InvalidInput):
    """The file is no workbook that is read: another format, a program inside, larger than any form, or damaged."""

    code = "kernel.workbook_refused"
    message = _("The file cannot be read as an Excel workbook: %(reason)s Nothing was stored.")
    hint = _("Give the .xlsx file as it was published, or save it again in Excel as “Excel workbook (.xlsx)”.")
