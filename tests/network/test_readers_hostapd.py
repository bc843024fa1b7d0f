"""hostapd: networks of one access point, methods by version and key management; and the file that Debian ships."""

from pathlib import Path

import pytest

from sekisho.network.rules.device_configuration import Basis, Dialect, Wifi
from sekisho.network.rules.judged import Level
from tests.network.configurations import codes, read, remarks
from tests.network.test_readers_strongswan import debian_file


def networks(text: str) -> tuple[Wifi, ...]:
    return read(text, Dialect.HOSTAPD).configuration.wifi or ()


@pytest.mark.parametrize(
    ("lines", "methods"),
    [
        ("wpa=0\n", ("open",)),
        ("wpa=1\nwpa_key_mgmt=WPA-PSK\n", ("wpa",)),
        ("wpa=2\nwpa_key_mgmt=WPA-PSK\n", ("wpa2-psk",)),
        ("wpa=3\nwpa_key_mgmt=WPA-EAP\n", ("wpa", "wpa2-eap")),
        ("wpa=2\nwpa_key_mgmt=SAE\n", ("wpa3-sae",)),
        ("wpa=2\nwpa_key_mgmt=WPA-PSK SAE\n", ("wpa2-psk", "wpa3-sae")),
        ("wpa=2\nwpa_key_mgmt=WPA-EAP-SUITE-B-192\n", ("wpa3-enterprise",)),
        ("wpa=2\nwpa_key_mgmt=OWE\n", ("owe",)),
        ("wpa=2\nwpa_key_mgmt=FILS-SHA256\n", ("fils-sha256",)),
        ("wep_default_key=0\nwep_key0=1234567890\n", ("wep",)),
        ("wpa=x\n", None),
    ],
)
def test_methods(lines: str, methods: tuple[str, ...] | None) -> None:
    (found,) = networks(f"interface=wlan0\nssid=x\n{lines}")
    assert found.security.value == methods


def test_without_wpa_it_is_open_by_default() -> None:
    (found,) = networks("interface=wlan0\nssid=x\n")
    assert (found.security.value, found.security.basis) == (("open",), Basis.DEFAULT)


def test_every_bss_is_a_network_of_its_own() -> None:
    text = "interface=wlan0\nssid=a\nwpa=2\nwpa_key_mgmt=WPA-EAP\nbss=wlan0_1\nssid=b\nwpa=2\nwpa_key_mgmt=WPA-PSK\n"
    assert [(each.ssid, each.security.value) for each in networks(text)] == [("a", ("wpa2-eap",)), ("b", ("wpa2-psk",))]


def test_a_sign_inside_a_line_is_no_comment() -> None:
    assert networks("interface=wlan0\nssid=a#b\n")[0].ssid == "a#b"


def test_the_example_of_debian_is_an_open_network(tmp_path: Path) -> None:
    content = debian_file(tmp_path, "hostapd", "usr/share/doc/hostapd/examples/hostapd.conf")
    reading = read(content)
    assert (reading.dialect, len(reading.configuration.wifi or ())) == (Dialect.HOSTAPD, 1)
    found = remarks(content.decode())
    assert codes(found, Level.NG) == {"WIFI"}
    assert codes(found, Level.WARN) == {"WIFI-ANY"}
