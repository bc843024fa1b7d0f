"""Tables of wireless networks: headings and values in both languages, CSV and JSON, hidden columns."""

import json

import pytest

from sekisho.network.rules.device_configuration import Dialect, Wifi
from sekisho.network.rules.readers.wifi_export import COLUMNS, column, methods
from tests.network.configurations import read


def networks(text: str) -> tuple[Wifi, ...]:
    return read(text).configuration.wifi or ()


@pytest.mark.parametrize(
    ("wording", "expected"),
    [
        ("Open", ("open",)),
        ("なし", ("open",)),
        ("WEP128", ("wep",)),
        ("Enhanced Open", ("owe",)),
        ("WPA-PSK", ("wpa",)),
        ("WPA/WPA2-PSK", ("wpa", "wpa2-psk")),
        ("WPA2 パーソナル", ("wpa2-psk",)),
        ("ＷＰＡ２－エンタープライズ", ("wpa2-eap",)),
        ("WPA2-EAP", ("wpa2-eap",)),
        ("WPA3-SAE", ("wpa3-sae",)),
        ("WPA2-PSK/SAE", ("wpa2-psk", "wpa3-sae")),
        ("WPA3-Personal transition", ("wpa2-psk", "wpa3-sae")),
        ("WPA2/WPA3 Enterprise", ("wpa2-eap", "wpa3-enterprise")),
        ("WPA3-Enterprise (802.1X)", ("wpa3-enterprise",)),
        ("WPA2", ()),
        ("WPA3", ()),
        ("何か", ()),
    ],
)
def test_wordings_of_controllers(wording: str, expected: tuple[str, ...]) -> None:
    assert set(methods(wording)) == set(expected)


def test_japanese_headings_and_values() -> None:
    (found,) = networks(
        "SSID名,暗号化方式,RADIUSサーバー,ANY接続拒否,MACアドレス制限,WPS\n業務,WPA2-EAP,あり,有効,なし,無効\n"
    )
    values = (found.security.value, found.radius.value, found.hidden.value, found.mac_filter.value, found.wps.value)
    assert (found.ssid, *values) == (
        "業務", ("wpa2-eap",), True, True, False, False,
    )  # fmt: skip
    assert found.lines == (2,)


@pytest.mark.parametrize("separator", [";", "\t"])
def test_other_separators_and_quoted_cells(separator: str) -> None:
    text = (
        separator.join(["ssid", "security", "note"])
        + "\n"
        + separator.join(['"a' + separator + 'b"', "WPA2-EAP", '"x\ny"'])
        + "\n"
    )
    (found,) = networks(text + separator.join(["c", "WEP", ""]) + "\n")[1:]
    assert (found.ssid, found.lines) == ("c", (4,))


def test_an_empty_cell_is_unknown_and_a_broadcast_name_is_not_hidden() -> None:
    found = networks("ssid,security,hidden,broadcast_ssid\na,,,\nb,WPA2-EAP,,yes\nc,WPA2-EAP,perhaps,\n")
    assert [(each.security.value, each.hidden.value) for each in found] == [
        (None, None),
        (("wpa2-eap",), False),
        (("wpa2-eap",), None),
    ]


def test_json_with_lines_and_other_types() -> None:
    text = json.dumps(
        [
            {"ssid": "a", "security": "WPA2-EAP", "hidden": True},
            {"ssid": "b", "security": "WEP", "wps": False, "vlan": 3},
        ],
        indent=1,
    )
    first, second = networks(text)
    assert (first.hidden.value, second.wps.value, first.lines, second.lines) == (True, False, (2,), (7,))
    assert networks(json.dumps({"networks": json.loads(text)}))[0].ssid == "a"


def test_columns_that_are_not_documented_are_hidden() -> None:
    reading = read("ssid,security,memo\na,WPA2-EAP,kaeru-tombo\n", Dialect.WIFI_EXPORT)
    assert "kaeru" not in repr(reading)
    assert "memo" not in repr(reading)


def test_every_documented_column_is_known() -> None:
    assert {"ssid", "security", "radius", "hidden", "mac_filter", "wps", "firmware"} <= set(COLUMNS.values())
    assert column("ＳＳＩＤ") == "ssid"
    assert column("Ｍａｃふぃるたー") == "mac_filter"
    assert column("乱数") is None
