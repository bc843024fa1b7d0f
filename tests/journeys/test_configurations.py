"""A clinic's router: its weak VPN is seen in its configuration, mended, approved; a later change is noticed."""

import json
import logging
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from sekisho.estate import ledgers
from sekisho.estate.models import Link
from sekisho.estate.services import add_entry
from sekisho.governance.models import EvidenceFinding
from sekisho.governance.queries.conformance import SubjectVerdict, verdicts_of
from sekisho.governance.queries.editions import CURRENT
from sekisho.governance.rules.verdicts import Verdict
from sekisho.governance.services.checks import check_control
from sekisho.governance.services.verdicts import update_verdicts
from sekisho.kernel.access import Role
from sekisho.kernel.actor import platform
from sekisho.ledgers.models import Application
from sekisho.network.models import KeptConfiguration, NetworkDevice
from sekisho.register.models import Event
from sekisho.ui.display import LANGUAGE_COOKIE
from tests.network.network_devices import OPERATOR, SECRET, WEAK, router
from tests.network.test_configuration_services import SECRETS, stored_bytes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_nine")]
CONTROLS = (
    "network.vpn_configuration",
    "network.device_configuration",
    "network.wireless_configuration",
    "network.line_types",
)
ROUTE = ("192.168.20.0/24", "192.168.21.0/24")


@pytest.fixture
def vpn() -> Link:
    """The line to the pharmacy, in a clinic."""
    add_entry(actor=OPERATOR, ledger=ledgers.FACILITY, values={"name": "医院", "kind": "clinic", "beds": 0})
    link = add_entry(actor=OPERATOR, ledger=ledgers.LINKS, values={"name": "連携薬局", "line": "ipsec_ikev2"})
    assert isinstance(link, Link)
    return link


def look_and_judge() -> None:
    """What the worker does in a day."""
    for name in CONTROLS:
        check_control(actor=platform("check"), control_id=name)
    update_verdicts(actor=platform("worker"))


def verdict(requirement: str, subject: Any) -> SubjectVerdict:
    """Return the verdict of a requirement for a subject."""
    (found,) = verdicts_of(CURRENT, requirement, str(subject.pk))
    return found


def state(requirement: str, subject: Any, control: str) -> str:
    """Return what a control says for a requirement."""
    return next(str(proof["state"]) for proof in verdict(requirement, subject).proofs if proof["id"] == control)


def hand_in(client: Client, device: NetworkDevice, text: str) -> list[str]:
    """Look at a configuration and keep it, as a browser does; return the pages that were shown."""
    address = reverse("network:device-hand-in", args=[device.pk])

    def send(**fields: str) -> Any:
        return client.post(address, {"file": SimpleUploadedFile("config.txt", text.encode()), **fields})

    preview = send().content.decode()
    found = re.search(r'name="sha256" value="([0-9a-f]{64})"', preview)
    assert found is not None
    answer = send(sha256=found[1])
    assert answer.status_code == 302
    return [preview, client.get(answer["Location"]).content.decode()]


def test_a_router_is_mended_approved_and_watched(
    vpn: Link, signed_in: Callable[..., Client], caplog: pytest.LogCaptureFixture
) -> None:
    """By the pages, with the controls and verdicts behind them; and no secret of its anywhere."""
    caplog.set_level(logging.DEBUG)
    operator, manager = signed_in(Role.SYSTEM_OPERATOR), signed_in(Role.PLANNING_MANAGER)
    for client in (operator, manager):
        client.cookies[LANGUAGE_COOKIE] = "en"

    look_and_judge()
    assert verdict("SO-13-7", vpn).verdict is Verdict.CANNOT_TELL, "a VPN of which nothing was seen"
    assert state("SO-13-7", vpn, "network.line_types") == "holds"

    entered = {"name": "本院のルーター", "kind": "router", "links": [str(vpn.pk)]}
    operator.post(reverse("network:device-new"), entered)
    device = NetworkDevice.objects.get()
    pages = hand_in(operator, device, router(*WEAK))
    look_and_judge()
    for requirement in ("SO-13-4", "SO-13-7", "SO-13-9", "SO-13-10", "SO-13-12"):
        assert verdict(requirement, vpn).verdict is Verdict.NONCONFORMING, requirement
    assert "44: <code>ipsec ike pre-shared-key 1 text" in pages[-1], "the line is the evidence"
    finding = EvidenceFinding.objects.get(
        subject_id=str(vpn.pk), run__control="network.vpn_configuration", outcome="fail"
    )
    remarks = json.loads(finding.facts)["devices"]["本院のルーター"]["remarks"]
    lines = {remark["code"]: remark["observed"] for remark in remarks if remark["level"] == "ng"}
    assert lines["VPN-PSK"]["authentication"]["lines"] == [44]
    assert lines["VPN-IKE1"]["versions"]["lines"] == [34]
    assert finding.observation is not None

    pages += hand_in(operator, device, router())
    look_and_judge()
    assert verdict("SO-13-7", vpn).verdict is Verdict.PARTIAL, "as far as proven: the papers are missing"
    for control in ("network.vpn_configuration", "network.line_types"):
        assert state("SO-13-7", vpn, control) == "holds"
    assert state("SO-13-5", vpn, "network.device_configuration") == "holds"
    assert verdict("SO-13-13-3", vpn).verdict is Verdict.NOT_APPLICABLE

    applied = operator.post(
        reverse("network:device-baseline", args=[device.pk]), {"reason": "業者が設定を直した", "number": "2"}
    )
    application = Application.objects.get()
    pages.append(manager.get(applied["Location"]).content.decode())
    manager.post(reverse("ledgers:approve", args=[application.pk]), {"version": "1", "comment": ""})

    pages += hand_in(operator, device, router(ROUTE))
    assert "192.168.21.0/24" in pages[-1]
    assert "Differs from the approved configuration" in pages[-1]
    event = json.loads(Event.objects.filter(action="network_device.hand_in").latest("source_seq").entry)
    assert (event["details"]["baseline"], event["details"]["drift"]) == (2, 1)
    look_and_judge()
    assert state("SO-13-5", vpn, "network.device_configuration") == "holds", "no rule is broken by a difference alone"
    drifted = EvidenceFinding.objects.filter(run__control="network.device_configuration", subject_id=str(vpn.pk))
    facts = json.loads(drifted.latest("run__started_at", "pk").facts)
    told = facts["devices"]["本院のルーター"]["remarks"][-1]
    assert (told["code"], told["level"], told["observed"]["changes"]) == ("CONF-DRIFT", "warn", 1)

    assert KeptConfiguration.objects.count() == 3
    held = stored_bytes()
    for secret in SECRETS:
        assert not any(secret in page for page in pages), secret
        assert secret.encode() not in held, secret
        assert secret not in caplog.text, secret
    assert SECRET in router(*WEAK)
