"""What keeps the log of another system from being read at all. Nothing of it was stored then."""

from sekisho.kernel.errors import InvalidInput
from sekisho.kernel.text import _


class LogNotText(InvalidInput):
    """The file is neither UTF-8 nor CP932 (Shift_JIS as Windows writes it)."""

    code = "register.log_not_text"
    message = _("This file is no text in UTF-8 or Shift_JIS (CP932): byte %(place)s does not fit.")
    hint = _("Let the system export its log as CSV once more. An Excel file must be saved as CSV first.")


class LogEmpty(InvalidInput):
    """The file has no line of a log: nothing at all, or the heading only."""

    code = "register.log_empty"
    message = _("The file holds no line of a log.")
    hint = _("Look whether the period of the export was right. A file with a heading only shows nothing.")


class LogHeadingWrong(InvalidInput):
    """The first line does not name the columns that the source says."""

    code = "register.log_heading_wrong"
    message = _("The first line of the file does not name these columns: %(missing)s. It names: %(present)s")
    hint = _("Is it the file of this source? If the system names its columns differently now, change the source.")


class LogLineBroken(InvalidInput):
    """A line is too long, or a quotation mark is never closed: the file was cut short, or is no CSV."""

    code = "register.log_line_broken"
    message = _("Line %(line)s of the file has no end: a quotation mark is not closed, or it is too long.")
    hint = _("The file was probably cut short on its way. Export it anew and compare the sizes.")


class SyslogRefused(InvalidInput):
    """A message is not of the form of RFC 5424."""

    code = "register.syslog_refused"
    message = _("This is no syslog message of RFC 5424: %(reason)s")


class AuditXmlRefused(InvalidInput):
    """An audit message is broken XML, does what is not allowed, or lacks what makes it one."""

    code = "register.audit_xml_refused"
    message = _("This is no audit message of DICOM PS3.15: %(reason)s")
