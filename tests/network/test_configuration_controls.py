"""The controls over configurations and kinds of line: what they say of each line, and of what they cannot."""

from datetime import timedelta
from typing import Any

import pytest

from sekisho.estate import ledgers
from sekisho.estate.services import add_entry
from sekisho.kernel import clock
from sekisho.kernel.declarations import Finding, Outcome
from sekisho.kernel.ports import SubjectKind
from sekisho.ledgers.services import approve, revoke
from sekisho.network.controls import device_configuration, line_types, vpn_configuration, wireless_configuration
from sekisho.network.queries.configuration_profile import configuration_profile
from sekisho.network.queries.configurations import standing_of
from sekisho.network.services.configurations import apply_for_baseline
from sekisho.network.services.devices import close_device
from tests.network.configurations import sample
from tests.network.network_devices import (
    MANAGER,
    OPEN_PAGE,
    OPERATOR,
    PORT_LED_INSIDE,
    SSH_FROM_ANYWHERE,
    WEAK,
    add_link,
    device_for,
    found_about,
    hand_in,
    router,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_nine")]
VPN, DEVICE = vpn_configuration.control, device_configuration.control
WIFI, LINES = wireless_configuration.control, line_types.control
INSIDE = {"lan", "wireless_lan"}
LINE_KINDS = {kind for row in configuration_profile().table.rows for kind in row.lines} | INSIDE


def codes(finding: Finding, device: str = "本院のルーター") -> dict[str, str]:
    """Return the worst level of the remarks about a device, by their code."""
    devices: Any = finding.facts["devices"]
    order = ["ok", "warn", "unknown", "ng"]
    ordered = sorted(devices[device]["remarks"], key=lambda remark: order.index(remark["level"]))
    return {remark["code"]: remark["level"] for remark in ordered}


@pytest.mark.failing_fixture("network.vpn_configuration")
def test_a_weak_vpn_fails_with_its_lines() -> None:
    """Version 1, a shared key, old ciphers: each with the lines it stands in, and the bytes that were judged."""
    link = add_link()
    kept = hand_in(device_for(link), router(*WEAK))
    finding = found_about(VPN, link)
    assert finding.outcome is Outcome.FAIL
    levels = codes(finding)
    assert {levels[code] for code in ("VPN-IKE1", "VPN-PSK", "VPN-ALG")} == {"ng"}
    devices: Any = finding.facts["devices"]
    psk = next(each for each in devices["本院のルーター"]["remarks"] if each["code"] == "VPN-PSK")
    assert psk["observed"]["authentication"]["lines"] == [44]
    assert finding.raw == kept.read_model.encode()


def test_a_sound_vpn_passes_as_old_as_it_was_handed_in(at_nine: clock.FixedClock) -> None:
    link = add_link()
    hand_in(device_for(link), router())
    handed_in = clock.now()
    at_nine.moment += timedelta(days=3)
    finding = found_about(VPN, link)
    assert (finding.outcome, finding.observed_at) == (Outcome.PASS, handed_in)


def test_what_was_not_handed_in_is_unknown() -> None:
    """No device, or no configuration: both say what to do."""
    link = add_link()
    finding = found_about(VPN, link)
    assert finding.outcome is Outcome.UNKNOWN
    assert "Register the one it runs over" in str(finding.message)
    device_for(link)
    finding = found_about(VPN, link)
    assert finding.outcome is Outcome.UNKNOWN
    assert "本院のルーター" in str(finding.message)


def test_one_device_without_a_configuration_leaves_the_line_open() -> None:
    """Unless another one breaks the rule already."""
    link = add_link()
    good = device_for(link)
    device_for(link, name="支線のルーター")
    hand_in(good, router())
    assert found_about(VPN, link).outcome is Outcome.UNKNOWN
    hand_in(good, router(*WEAK))
    assert found_about(VPN, link).outcome is Outcome.FAIL


def test_a_router_before_a_vpn_device_is_no_question_of_the_vpn() -> None:
    """The line ends at the device behind it; a configuration that shows no VPN at all leaves it open."""
    link = add_link()
    hand_in(device_for(link, name="前のAP"), sample("hostapd"))
    assert found_about(VPN, link).outcome is Outcome.UNKNOWN
    hand_in(device_for(link), router())
    finding = found_about(VPN, link)
    assert finding.outcome is Outcome.PASS
    assert list(finding.facts["devices"]) == ["本院のルーター"]  # type: ignore[arg-type]


def test_a_closed_device_counts_no_more() -> None:
    link = add_link()
    device = device_for(link)
    hand_in(device, router())
    close_device(actor=OPERATOR, device_id=device.pk, version=1, reason="撤去")
    assert found_about(VPN, link).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize("kind", sorted(LINE_KINDS))
def test_each_control_speaks_of_its_own_kinds_of_line(kind: str) -> None:
    """And says so of every other, with the kind as the fact."""
    link = add_link(line=kind)
    of_vpn, of_wifi, of_device = (found_about(control, link) for control in (VPN, WIFI, DEVICE))
    assert (of_vpn.outcome is Outcome.UNKNOWN) == (kind.startswith(("ipsec", "ssl")) or kind == "vpn_other")
    assert (of_wifi.outcome is Outcome.UNKNOWN) == (kind == "wireless_lan")
    assert of_device.outcome is Outcome.UNKNOWN, "a device stands at every line"
    for finding in (of_vpn, of_wifi):
        assert finding.outcome in {Outcome.UNKNOWN, Outcome.NOT_APPLICABLE}
        assert finding.facts["line"] == kind


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ({}, Outcome.UNKNOWN),
        ({"専用線": "leased"}, Outcome.NOT_APPLICABLE),
        ({"専用線": "leased", "連携薬局": "ipsec_ikev2"}, Outcome.UNKNOWN),
    ],
)
def test_the_facility_is_as_good_as_its_vpn_lines(lines: dict[str, str], expected: Outcome) -> None:
    """7⑬ speaks of the facility. Without any line nothing is known; without a VPN there is nothing to say."""
    values = {"name": "医院", "kind": "clinic", "beds": 0}
    facility = add_entry(actor=OPERATOR, ledger=ledgers.FACILITY, values=values)
    for name, kind in lines.items():
        add_link(name, kind)
    assert found_about(VPN, facility).outcome is expected


def test_the_facility_fails_with_its_worst_line() -> None:
    values = {"name": "医院", "kind": "clinic", "beds": 0}
    facility = add_entry(actor=OPERATOR, ledger=ledgers.FACILITY, values=values)
    good, bad = add_link("連携薬局"), add_link("検査会社")
    hand_in(device_for(good), router())
    hand_in(device_for(bad, name="別のルーター"), router(*WEAK))
    finding = found_about(VPN, facility)
    assert finding.outcome is Outcome.FAIL
    assert finding.facts["lines"] == {"検査会社": "fail", "連携薬局": "pass"}


@pytest.mark.failing_fixture("network.device_configuration")
@pytest.mark.parametrize("edits", [OPEN_PAGE, (SSH_FROM_ANYWHERE, PORT_LED_INSIDE)])
def test_a_management_page_open_to_the_outside_fails(edits: Any) -> None:
    link = add_link()
    hand_in(device_for(link), router(*edits))
    finding = found_about(DEVICE, link)
    assert finding.outcome is Outcome.FAIL
    assert codes(finding)["MGMT-EXP"] == "ng"
    assert found_about(VPN, link).outcome is Outcome.PASS, "another control's question"


def test_a_well_known_password_fails_and_a_hashed_one_is_no_question_here() -> None:
    """Item 5 does not ask about passwords; one that everybody knows opens the management page."""
    link = add_link()
    device = device_for(link)
    hand_in(device, router())
    assert found_about(DEVICE, link).outcome is Outcome.PASS
    hand_in(device, router(("login password encrypted $1$kaeru", "login password admin")))
    assert found_about(DEVICE, link).outcome is Outcome.FAIL


def approve_baseline(device: Any) -> Any:
    """Approve the newest configuration."""
    newest = standing_of(device).newest
    assert newest is not None
    application = apply_for_baseline(actor=OPERATOR, device_id=device.pk, number=newest.number, reason="業者が設定")
    return approve(actor=MANAGER, application_id=application, version=1)


def test_drift_is_told_and_breaks_no_rule() -> None:
    """The guideline names no baseline: what the changed line does is judged for itself."""
    link = add_link()
    device = device_for(link)
    hand_in(device, router())
    assert codes(found_about(DEVICE, link))["CONF-DRIFT"] == "warn", "nothing was approved yet"
    application = approve_baseline(device)
    assert codes(found_about(DEVICE, link))["CONF-DRIFT"] == "ok"
    hand_in(device, router(("192.168.20.0/24", "192.168.21.0/24")))
    finding = found_about(DEVICE, link)
    assert (finding.outcome, codes(finding)["CONF-DRIFT"]) == (Outcome.PASS, "warn")
    assert str(finding.message) == "Lines that differ from the approved configuration: 1"
    revoke(actor=MANAGER, application_id=application.pk, version=application.version, comment="誤り")
    assert standing_of(device).baseline is None


def test_a_device_of_another_kind_is_not_compared_and_not_as_approved() -> None:
    link = add_link()
    device = device_for(link)
    hand_in(device, router())
    approve_baseline(device)
    hand_in(device, sample("fortios"))
    assert codes(found_about(DEVICE, link))["CONF-DRIFT"] == "warn"
    drift = standing_of(device).drift()
    assert drift is not None
    assert drift.drifted
    assert not drift.comparable


@pytest.mark.failing_fixture("network.wireless_configuration")
def test_a_shared_password_or_no_encryption_fails() -> None:
    link = add_link("無線", "wireless_lan")
    device = device_for(link, name="AP", kind="wireless")
    hand_in(device, sample("wifi_export"))
    assert found_about(WIFI, link).outcome is Outcome.PASS
    hand_in(device, sample("wifi_export", ("WPA2-Enterprise", "WPA2-PSK")))
    finding = found_about(WIFI, link)
    assert (finding.outcome, codes(finding, "AP")["WIFI"]) == (Outcome.FAIL, "ng")
    assert "wpa2-psk" in str(finding.message)


@pytest.mark.failing_fixture("network.line_types")
def test_a_kind_that_the_table_does_not_name_fails() -> None:
    finding = found_about(LINES, add_link(line="ssl_vpn_other"))
    assert finding.outcome is Outcome.FAIL
    assert finding.facts["conforming"] is False
    assert finding.facts["certainty"] == "secondary"


@pytest.mark.parametrize("kind", sorted(LINE_KINDS))
def test_every_kind_of_line_has_an_answer_by_the_table(kind: str) -> None:
    """What stays inside is not its matter; what it leaves open is unknown."""
    expected = {"ssl_vpn_other": Outcome.FAIL, "vpn_other": Outcome.UNKNOWN, "open_other": Outcome.UNKNOWN}
    expected |= dict.fromkeys(INSIDE, Outcome.NOT_APPLICABLE)
    assert found_about(LINES, add_link(line=kind)).outcome is expected.get(kind, Outcome.PASS)


def test_the_parameters_are_what_the_profile_asks_for() -> None:
    """A looser profile must not run under the stricter name."""
    rules, told = configuration_profile().rules, VPN.parameters
    assert rules["VPN-IKE1"].expected["versions"] == [told["ike_minimum_version"]]
    assert rules["VPN-IKE1"].levels["existing"] == "unknown"
    assert "psk" in rules["VPN-PSK"].expected["excluded"]
    assert rules["VPN-AGG"].expected["aggressive_mode"] is told["ike_aggressive_mode_allowed"]
    assert rules["SSLVPN-TYPE"].expected["web_mode"] is False
    assert rules["SSLVPN-TLS"].expected["at_least"] == f"tls{told['tls_minimum_version']}"
    assert rules["SSLVPN-TLS"].expected["with_reason"] == f"tls{told['tls_minimum_version_with_reason']}"
    assert rules["SSLVPN-TLS"].levels["with_reason"] == "unknown"
    wifi = rules["WIFI"].expected
    names = {"wpa2-eap": "wpa2_eap", "wpa3-enterprise": "wpa3_eap", "wpa3-sae": "wpa3_sae"}
    assert {names[each] for each in (*wifi["security"], *wifi["shared"])} == set(
        WIFI.parameters["wifi_security_allowed"]  # type: ignore[arg-type]
    )


def test_findings_are_about_lines_and_the_facility_only() -> None:
    add_link()
    for control in (VPN, DEVICE, WIFI, LINES):
        assert {each.subject.kind for each in control.check()} <= {SubjectKind.LINK, SubjectKind.FACILITY}
