"""Which reader a file is for, told by what stands in it and never by its name."""

from collections.abc import Callable, Mapping

from sekisho.governance.rules.results.errors import ResultsTooLarge, ResultsUnknown
from sekisho.governance.rules.results.lynis import is_lynis, read_lynis
from sekisho.governance.rules.results.ocsf import is_ocsf, read_ocsf
from sekisho.governance.rules.results.secret_scans import (
    is_gitleaks,
    is_sarif,
    is_trufflehog,
    read_gitleaks,
    read_sarif,
    read_trufflehog,
)
from sekisho.governance.rules.results.shape import LARGEST, Results, ResultsFile
from sekisho.governance.rules.results.testssl import is_testssl, read_testssl
from sekisho.governance.rules.results.xccdf import is_xccdf, read_xccdf

_READERS: Mapping[str, tuple[Callable[[bytes], bool], Callable[[ResultsFile], Results]]] = {
    # First those whose rows may hold whatever a file held, the words of the others too.
    "sarif": (is_sarif, read_sarif),
    "trufflehog": (is_trufflehog, read_trufflehog),
    "gitleaks": (is_gitleaks, read_gitleaks),
    "lynis": (is_lynis, read_lynis),
    "xccdf": (is_xccdf, read_xccdf),
    "ocsf": (is_ocsf, read_ocsf),
    "testssl": (is_testssl, read_testssl),
}
FORMATS = tuple(_READERS)


def read_results(file: ResultsFile, wanted: str | None = None) -> Results:
    """Return what a file says, read as ``wanted`` or as what it looks like.

    Raises ResultsTooLarge, ResultsUnknown, ResultsUnreadable, ResultsNotWhole.
    """
    if len(file.data) > LARGEST:
        raise ResultsTooLarge(name=file.name, most=f"{LARGEST // 2**20} MiB")
    for name, (fits, read) in _READERS.items():
        if name == wanted or (wanted is None and fits(file.data)):
            return read(file)
    raise ResultsUnknown(name=file.name)
