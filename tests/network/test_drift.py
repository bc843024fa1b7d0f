"""Drift: what changed is found and nothing else is: not the order, not time stamps, not what is encrypted anew."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.network.rules.drift import (
    BaselineInvalid,
    Change,
    Kind,
    Line,
    Normalised,
    compare,
    from_document,
    normalise,
)
from sekisho.network.rules.readers import Dialect
from tests.network.configurations import SOUND, read, sample
from tests.network.test_configuration_rules import blocks


def normal(text: str) -> Normalised:
    return normalise(read(text))


def drift(before: str, after: str) -> list[tuple[str, str, str | None, str | None]]:
    """Return the changes as kind, path, before and after."""
    return [
        (
            change.kind.value,
            " / ".join(change.path),
            change.before and change.before.text,
            change.after and change.after.text,
        )
        for change in compare(normal(before), normal(after))
    ]


@pytest.mark.parametrize("kind", SOUND)
def test_a_configuration_does_not_drift_from_itself(kind: str) -> None:
    text = sample(kind)
    assert drift(text, text) == []
    assert normal(text).fingerprint() == normal(text.replace("\n", "\r\n")).fingerprint()


@pytest.mark.parametrize("kind", SOUND)
def test_what_is_kept_comes_back(kind: str) -> None:
    kept = normal(sample(kind))
    assert from_document(json.loads(json.dumps(kept.document()))) == kept


@pytest.mark.parametrize(
    "document", [None, [], {}, {"dialect": "x", "sections": []}, {"dialect": "yamaha", "sections": [{"path": []}]}]
)
def test_what_was_not_kept_by_us_is_refused(document: object) -> None:
    with pytest.raises(BaselineInvalid):
        from_document(document)


def test_two_kinds_of_device_are_not_compared() -> None:
    with pytest.raises(BaselineInvalid):
        compare(normal(sample("yamaha")), normal(sample("hostapd")))


@pytest.mark.parametrize(
    ("kind", "edit", "expected"),
    [
        ("yamaha", ("ipsec ike version 1 2", "ipsec ike version 1 1"),
         ("changed", "tunnel select 1", "ipsec ike version 1 2", "ipsec ike version 1 1")),
        ("yamaha", ("telnetd service off\n", ""), ("removed", "", "telnetd service off", None)),
        ("yamaha", ("syslog notice on\n", "syslog notice on\npptp service on\n"),
         ("added", "", None, "pptp service on")),
        ("yamaha", ("Rev.15.04.06", "Rev.15.04.07"), ("changed", "#", "RTX1220 Rev.15.04.06", "RTX1220 Rev.15.04.07")),
        ("fortios", ("set allowaccess ping\n", "set allowaccess ping https\n"),
         ("changed", "system interface / wan1", "set allowaccess ping", "set allowaccess ping https")),
        ("fortios", ("7.4.5-FW-build2702", "7.4.6-FW-build2726"),
         ("changed", "#", "FGT60F-7.4.5-FW-build2702-240821", "FGT60F-7.4.6-FW-build2726-240821")),
        ("cisco_ios", (" transport input ssh", " transport input ssh telnet"),
         ("changed", "line vty 0 4", "transport input ssh", "transport input ssh telnet")),
        ("cisco_asa", ("tunnelall", "tunnelspecified"),
         ("changed", "group-policy SAKURA attributes", "split-tunnel-policy tunnelall",
          "split-tunnel-policy tunnelspecified")),
        ("swanctl", ("version = 2", "version = 1"), ("changed", "base", "version 2", "version 1")),
        ("ipsec_conf", ("auto=start", "auto=add"), ("changed", "conn yakkyoku", "auto start", "auto add")),
        ("hostapd", ("wpa=2", "wpa=3"), ("changed", "interface wlan0", "wpa 2", "wpa 3")),
        ("wifi_export", ("WPA3-Enterprise", "WPA3-SAE"),
         ("changed", "sakura-kensa", "security WPA3-Enterprise", "security WPA3-SAE")),
    ],
)  # fmt: skip
def test_one_changed_line_is_one_change(kind: str, edit: tuple[str, str], expected: tuple[object, ...]) -> None:
    assert drift(sample(kind), sample(kind, edit)) == [expected]
    assert normal(sample(kind)).fingerprint() != normal(sample(kind, edit)).fingerprint()


def test_a_changed_secret_is_a_change_and_stays_hidden() -> None:
    before, after = sample("hostapd"), sample("hostapd", ("kaeru-tombo-17", "yuki-usagi-18"))
    ((kind, path, first, second),) = drift(before, after)
    assert (kind, path) == ("changed", "interface wlan0")
    assert first and second and first != second
    assert "kaeru" not in first + second
    assert "usagi" not in first + second


@pytest.mark.parametrize(
    ("kind", "edits"),
    [
        ("cisco_ios", [("Thu Nov 19 2026", "Fri Nov 20 2026"), ("17179869", "17179999"), ("4321 bytes", "4329 bytes")]),
        ("cisco_asa", [("09:12:01.123", "10:00:00.000"), ("0123456789abcdef0123456789abcdef", "f" * 32)]),
        ("yamaha", [("Nov 20 09:30:00 2026", "Nov 21 10:00:00 2026"), ("# さくら内科", "# すみれ内科")]),
        ("fortios", [("SH2kaerutombo==", "SH2yukiusagi=="), ("ENC aaaaa==", "ENC zzzzz=="),
                     ("conf_file_ver=1234567890", "conf_file_ver=9"), ("HAQIkaerutombo", "HAQIyukiusagi")]),
        ("swanctl", [("# さくら内科クリニック、薬局との接続\n", "# 2026\n\n"), ("   # one only", "")]),
        ("wifi_export", [("\nsakura-gyomu,", "\n\nsakura-gyomu,")]),
    ],
)  # fmt: skip
def test_what_changes_by_itself_is_no_drift(kind: str, edits: list[tuple[str, str]]) -> None:
    before, after = sample(kind), sample(kind, *edits)
    assert before != after
    assert drift(before, after) == []
    assert normal(before).fingerprint() == normal(after).fingerprint()


@given(
    st.sampled_from(["yamaha", "cisco_ios", "cisco_asa", "fortios", "swanctl", "ipsec_conf"]),
    st.randoms(use_true_random=False),
)
def test_the_order_of_blocks_is_no_drift(kind: str, chance: Any) -> None:
    text = sample(kind)
    parts = blocks(kind, text)
    chance.shuffle(parts)
    assert drift(text, "".join(parts)) == []


@pytest.mark.parametrize(
    ("kind", "first", "second", "path"),
    [
        (
            "cisco_ios",
            " permit esp host 203.0.113.20 any\n",
            " deny   ip any any log\n",
            "ip access-list extended FROM-OUTSIDE",
        ),
        ("cisco_ios", "access-list 7 permit 10.0.0.1\n", "access-list 7 deny any\n", "access-list 7"),
    ],
)
def test_the_order_of_a_filter_counts(kind: str, first: str, second: str, path: str) -> None:
    text = sample(kind)
    if first not in text:
        text = text.replace("end\n", first + second + "end\n")
    swapped = text.replace(first, "\0").replace(second, first).replace("\0", second)
    assert drift(text, swapped)
    assert {change[1] for change in drift(text, swapped)} == {path}


def test_the_order_of_policies_counts_and_that_of_other_entries_does_not() -> None:
    first = '    edit 1\n        set name "a"\n        set action accept\n    next\n'
    second = '    edit 2\n        set name "b"\n        set action deny\n    next\n'
    head = "#config-version=FGT60F-7.4.5\n"
    for table, moved in (("firewall policy", True), ("firewall address", False)):
        text, swapped = (f"{head}config {table}\n{one}{two}end\n" for one, two in ((first, second), (second, first)))
        assert bool(drift(text, swapped)) is moved


def test_a_new_block_is_shown_line_by_line_with_its_numbers() -> None:
    more = "tunnel select 2\n ipsec tunnel 102\n tunnel enable 2\n"
    changes = compare(normal(sample("yamaha")), normal(sample("yamaha", ("", more))))
    line = sample("yamaha").count("\n") + 1
    assert changes == (
        Change(Kind.ADDED, (), None, Line("tunnel select 2", line)),
        Change(Kind.ADDED, ("tunnel select 2",), None, Line("ipsec tunnel 102", line + 1)),
        Change(Kind.ADDED, ("tunnel select 2",), None, Line("tunnel enable 2", line + 2)),
    )
    assert changes[0].document() == {"kind": "added", "path": [], "before": None, "after": ["tunnel select 2", line]}
    assert str(Kind.ADDED.label) == "Line added"


@given(st.sampled_from(sorted(SOUND)), st.randoms(use_true_random=False))
def test_there_and_back_is_the_same_change(kind: str, chance: Any) -> None:
    """Every line that one side lacks shows once, and from the other side as its mirror image."""
    first, *lines = sample(kind).splitlines(keepends=True)
    other = first + "".join(line for line in lines if chance.random() > 0.1)
    one, two = (normalise(read(text, Dialect(kind))) for text in (sample(kind), other))
    there, back = compare(one, two), compare(two, one)
    assert {(each.path, each.before, each.after) for each in there} == {
        (each.path, each.after, each.before) for each in back
    }


def test_the_normalised_text_reads_like_a_configuration() -> None:
    text = normal(sample("hostapd")).text()
    assert text.startswith("[interface wlan0]\nauth_algs 1\n")
    assert "hmac-sha256:" in text


@pytest.mark.parametrize(
    "table",
    ["firewall policy", "firewall policy6", "firewall local-in-policy", "router policy", "firewall proxy-policy"],
)
def test_in_every_table_whose_first_fitting_entry_counts_order_is_meaning(table: str) -> None:
    one, two = ("    edit {}\n        set action {}\n    next\n".format(*row) for row in ((1, "accept"), (2, "deny")))
    before, after = (f"#config-version=FGT60F-7.4.5\nconfig {table}\n{rows}end\n" for rows in (one + two, two + one))
    assert drift(before, after)
    other = (text.replace(table, "firewall address") for text in (before, after))
    assert drift(*other) == []
