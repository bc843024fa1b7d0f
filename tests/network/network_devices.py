"""What the tests about network devices share: lines, devices, and configurations handed in."""

import hashlib
from typing import Any

from sekisho.estate import ledgers
from sekisho.estate.services import add_entry
from sekisho.kernel.access import Role
from sekisho.kernel.actor import Actor
from sekisho.kernel.declarations import Control, Finding
from sekisho.network.models import KeptConfiguration, NetworkDevice
from sekisho.network.services.configurations import hand_in_configuration
from sekisho.network.services.devices import DeviceData, add_device
from tests.conftest import actor_with
from tests.network.configurations import sample

OPERATOR = actor_with(Role.SYSTEM_OPERATOR)
MANAGER = actor_with(Role.PLANNING_MANAGER, actor_id="00000000-0000-7000-8000-000000000002")
SECRET = "himitsu-no-niwa-42"
# Version 1 of IKE by a key known to both ends, and old algorithms: what item 7 does not want.
WEAK = (
    ("ipsec ike version 1 2", "ipsec ike version 1 1"),
    ("ipsec ike auth method 1 certificate", f"ipsec ike pre-shared-key 1 text {SECRET}"),
    ("ipsec ike encryption 1 aes256-cbc", "ipsec ike encryption 1 3des-cbc"),
)
SSH_FROM_ANYWHERE = ("sshd host lan1 192.168.10.5", "sshd host any")
PORT_LED_INSIDE = ("", "nat descriptor masquerade static 1000 9 192.168.10.1 tcp 22\n")
NO_FILTER = (" ip pp secure filter in 200003 200020 200021 200099\n", "")
NO_TRANSLATION = (" ip pp nat descriptor 1000\n", "")
OPEN_PAGE = (("httpd host none", "httpd host any"), NO_FILTER, NO_TRANSLATION)


def add_link(name: str = "連携薬局", line: str = "ipsec_ikev2") -> Any:
    """Register a line."""
    return add_entry(actor=OPERATOR, ledger=ledgers.LINKS, values={"name": name, "line": line})


def device_for(*links: Any, name: str = "本院のルーター", kind: str = "router") -> NetworkDevice:
    """Register a device that these lines run over."""
    ids = [str(link.pk) for link in links]
    return add_device(actor=OPERATOR, data=DeviceData(name, kind, ids))


def hand_in(device: NetworkDevice, text: str | bytes, *, actor: Actor = OPERATOR) -> KeptConfiguration:
    """Hand in a configuration, confirmed."""
    content = text.encode() if isinstance(text, str) else text
    sha256 = hashlib.sha256(content).hexdigest()
    return hand_in_configuration(actor=actor, device_id=device.pk, content=content, sha256=sha256)


def router(*edits: tuple[str, str]) -> str:
    """Return the configuration of a sound router with ``edits``."""
    return sample("yamaha", *edits)


def found_about(control: Control, subject: Any) -> Finding:
    """Return what a control says about one subject."""
    (finding,) = [each for each in control.check() if each.subject.id == str(subject.pk)]
    return finding
