"""13②⑦: the registered kind of every line, against table 13-1."""

from collections.abc import Iterator
from datetime import timedelta

from sekisho.kernel import clock
from sekisho.kernel.declarations import Control, Finding, Severity
from sekisho.kernel.ports import SubjectKind
from sekisho.kernel.text import _
from sekisho.network.queries.configuration_profile import configuration_profile
from sekisho.network.queries.configurations import links
from sekisho.network.rules.line_types import judge_line


def check() -> Iterator[Finding]:
    """Judge every open line by its registered kind. What its devices really do is the configurations' part."""
    table = configuration_profile().table
    for link in links():
        judged = judge_line(table, str(link.facts["line"]))
        yield Finding(link, judged.outcome, judged.message, clock.now(), judged.facts)


control = Control(
    id="network.line_types",
    title=_("Kinds of line by table 13-1"),
    subject_kind=SubjectKind.LINK,
    check=check,
    every=timedelta(hours=6),
    severity=Severity.HIGH,
    remedy=_("Ask the carrier for a leased line, an IP-VPN, an IPsec VPN or an SSL-VPN of the client type."),
    parameters={},
)
