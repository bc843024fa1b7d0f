"""Audit messages of DICOM and JAHIS: what they say, and what none may do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.register.rules import EventOutcome
from sekisho.register.rules.sources.audit_xml import DEEPEST, MOST_ELEMENTS, read_audit
from sekisho.register.rules.sources.errors import AuditXmlRefused
from sekisho.register.rules.sources.verbs import Verb
from tests.register.test_syslog import AUDIT

RFC_3881 = """<AuditMessage><EventIdentification EventActionCode="E" EventDateTime="2026-11-20T09:05:06"
 EventOutcomeIndicator="4"><EventID code="110114" codeSystemName="DCM"/><EventTypeCode code="110122"/>
</EventIdentification><ActiveParticipant UserID="D002" NetworkAccessPointID="PC-3" NetworkAccessPointTypeCode="1"/>
</AuditMessage>"""


def test_the_older_form_is_read_too() -> None:
    found = read_audit(RFC_3881.encode())
    assert (found.verb, found.outcome, found.person, found.device) == (
        Verb.SIGN_IN,
        EventOutcome.FAILURE,
        "D002",
        "PC-3",
    )
    assert found.occurred_at.isoformat() == "2026-11-20T09:05:06+09:00"


def test_of_several_patients_none_is_named() -> None:
    start, end = AUDIT.index("<ParticipantObjectIdentification"), AUDIT.index("</AuditMessage>")
    twice = AUDIT[:end] + AUDIT[start:end].replace("P100", "P200") + AUDIT[end:]
    assert read_audit(twice.encode()).patient is None
    assert read_audit((AUDIT[:end] + AUDIT[start:end] + AUDIT[end:]).encode()).patient == "P100"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<AuditMessage/>",
        "<Other/>",
        "<AuditMessage>",
        '<!DOCTYPE x [<!ENTITY a "b">]><AuditMessage>&a;</AuditMessage>',
        '<!DOCTYPE x SYSTEM "file:///etc/passwd"><AuditMessage/>',
        '<?xml version="1.0" encoding="rot13"?><AuditMessage/>',
        "<AuditMessage>" + "<a>" * DEEPEST + "</a>" * DEEPEST + "</AuditMessage>",
        "<AuditMessage>" + "<a/>" * MOST_ELEMENTS + "</AuditMessage>",
        AUDIT.replace("2026-11-20T", "once "),
        AUDIT.replace('EventOutcomeIndicator="0"', 'EventOutcomeIndicator="7"'),
    ],
    ids=range(11),
)
def test_what_is_no_audit_message_is_refused(text: str) -> None:
    with pytest.raises(AuditXmlRefused):
        read_audit(text.encode())


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(data: bytes) -> None:
    for text in (data, AUDIT.encode()[:200] + data):
        try:
            read_audit(text)
        except AuditXmlRefused:
            continue
