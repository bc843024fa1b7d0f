"""What can be wrong with a file of results. ``name`` is the file's, ``place`` where in it."""

from sekisho.kernel.errors import Conflict, InvalidInput
from sekisho.kernel.text import _


class ResultsUnknown(InvalidInput):
    """The file is in none of the formats that are read."""

    code = "governance.results_unknown"
    message = _("%(name)s holds no results in a format that is read. Nothing was stored.")
    hint = _(
        "Give lynis-report.dat, XCCDF 1.2 or ARF results, OCSF findings as JSON, the JSON of testssl.sh, gitleaks or "
        "TruffleHog, or SARIF of such a tool."
    )


class ResultsUnreadable(InvalidInput):
    """The file breaks the rules of its format."""

    code = "governance.results_unreadable"
    message = _("%(name)s cannot be read at %(place)s: %(reason)s. Nothing was stored.")
    hint = _("Let the tool write the file again and give it unchanged.")


class ResultsNotWhole(InvalidInput):
    """The tool did not come to its end, or the file was cut off."""

    code = "governance.results_not_whole"
    message = _("The tool did not come to its end: %(name)s lacks %(what)s. Nothing was stored.")
    hint = _("Run the tool again to its end. What it did not look at would otherwise be missing without a word.")


class ResultsTooLarge(InvalidInput):
    """More bytes or rows than are stored."""

    code = "governance.results_too_large"
    message = _("%(name)s is too large: at most %(most)s. Nothing was stored.")
    hint = _("Let the tool look at one system at a time.")


class ResultsUndated(InvalidInput):
    """The file does not say when the tool ran, and nobody else said it."""

    code = "governance.results_undated"
    message = _("%(name)s does not say when the tool ran. Nothing was stored.")
    hint = _("Say when it ran; on the command line with --ran-at, for example --ran-at 2026-11-21T09:30+09:00.")


class ResultsFromTheFuture(InvalidInput):
    """The clock of the machine on which the tool ran is wrong, or ours."""

    code = "governance.results_from_the_future"
    message = _("%(name)s says that the tool ran at %(moment)s, which is yet to come. Nothing was stored.")
    hint = _("Set the clocks of both machines and let the tool run again.")


class ResultsReplayed(Conflict):
    """The very same bytes were taken over before."""

    code = "governance.results_replayed"
    message = _("%(name)s was taken over already, on %(moment)s. Nothing was stored.")
    hint = _("Let the tool run again; what it finds then is new evidence.")


class ResultsScopeWanted(InvalidInput):
    """A tool that looks for secrets does not say where it looked, and nobody else said it."""

    code = "governance.results_scope_wanted"
    message = _("%(name)s does not say what was looked through. Nothing was stored.")
    hint = _(
        "Say which computer and directories; on the command line with --scanned, for example --scanned ehr01:/srv."
    )


class SystemUnknown(InvalidInput):
    """The results are to be about a system that is not registered, or whose name is not its own."""

    code = "governance.system_unknown"
    message = _("There is no open system “%(name)s”, or more than one.")
    hint = _("Write its name as it is registered, or its id. Registered are: %(names)s")
