"""The profiles are what they say, and data that is anything else is refused."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.network.queries.profiles import ALGORITHMS, FOLDER, TLS, high_security
from sekisho.network.rules.observation import Version
from sekisho.network.rules.profile import AlgorithmList, TlsProfile
from sekisho.network.rules.strict_yaml import DataInvalid, read
from sekisho.network.rules.suites import Suite, read_registry, suite

REGISTRY = read_registry((FOLDER / "cipher-suites.txt").read_text(encoding="ascii"))
TEXT = (FOLDER / TLS).read_text(encoding="utf8")


def test_the_list_of_suites_is_the_rule_that_stands_above_it() -> None:
    parsed = [made_of for name in REGISTRY.values() if (made_of := suite(name))]
    rule = {
        one.name
        for one in parsed
        if one.exchange in {"ECDHE", "DHE"}
        and one.authentication in {"ECDSA", "RSA"}
        and one.aead
        and one.cipher in {"AES", "CAMELLIA", "CHACHA20_POLY1305"}
        and not one.name.endswith("_DRAFT")
    }
    row = high_security().tls.suites[Version.TLS12].names
    assert set(row) == rule
    bits = [made_of.bits for name in row if (made_of := suite(name))]
    assert bits == sorted(bits, reverse=True)


def test_what_the_profile_asks_for() -> None:
    tls = high_security().tls
    assert tls.versions.required == (Version.TLS13,)
    assert tls.versions.optional == (Version.TLS12,)
    assert len(tls.suites[Version.TLS13].names) == 5
    assert tls.dh_bits.least == 2048
    assert tls.certificate_key.least["rsa"] == 2048
    assert "sha1" not in tls.certificate_signature.hashes


def test_every_row_says_where_it_comes_from_and_how_sure_that_is() -> None:
    tls = high_security().tls.model_dump()
    rows = [
        value for value in (*tls.values(), *tls["suites"].values()) if isinstance(value, dict) and "source" in value
    ]
    assert len(rows) >= 13
    assert {row["certainty"] for row in rows} == {"primary", "secondary", "memory", "own"}


def test_rows_of_memory_only_warn_but_for_the_suites_of_tls_12() -> None:
    """As the head of the file promises. A row without a level breaks the rule when it is broken."""
    tls = high_security().tls.model_dump()
    rows = {name: row for name, row in tls.items() if isinstance(row, dict) and "certainty" in row}
    rows |= {f"suites {version}": row for version, row in tls["suites"].items()}
    failing = {name for name, row in rows.items() if row["certainty"] == "memory" and row.get("level") != "warn"}
    assert failing == {"suites TLS 1.2"}
    assert {name for name, row in rows.items() if row["certainty"] == "memory"} >= {"compression", "renegotiation"}


@pytest.mark.parametrize(
    ("name", "standing"),
    [
        ("AES", "recommended"), ("Camellia", "recommended"), ("SHA-256", "recommended"), ("EdDSA", "recommended"),
        ("MISTY1", "candidate"), ("SHA-1", "monitored"), ("3-key Triple DES", "monitored"), ("RC4", "unlisted"),
        ("ARIA", "unlisted"), ("MD5", "unlisted"), ("SHA-224", "unlisted"), ("SEED", "unlisted"), ("DES", "unlisted"),
    ],
)  # fmt: skip
def test_the_list_of_the_government(name: str, standing: str) -> None:
    assert high_security().algorithms.standing(name) == standing


@pytest.mark.parametrize(
    ("key_type", "bits", "strength", "end"),
    [
        ("rsa", 1024, 0, 2030), ("rsa", 2048, 112, 2030), ("rsa", 3072, 128, 2050), ("rsa", 4096, 128, 2050),
        ("rsa", 7680, 192, None), ("ec", 224, 112, 2030), ("ec", 256, 128, 2050), ("ec", 384, 192, None),
        ("ed25519", 256, 128, 2050), ("dh", 2048, 112, 2030),
    ],
)  # fmt: skip
def test_years_of_key_lengths(key_type: str, bits: int, strength: int, end: int | None) -> None:
    row = high_security().algorithms.strength
    assert row.of_key(key_type, bits) == strength
    assert row.end(strength) == end


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ("dh_bits:", "dh_bit:", "dh_bit"),
        ("least: 2048, source", "least: -1, source", "dh_bits.least"),
        ("certainty: own", "certainty: certain", "groups_own.certainty"),
        ("TLS 1.3]", "TLS 1.4]", "versions.required"),
        ("optional: [TLS 1.2]", "optional: []", "exactly the versions"),
        ("- TLS_AES_256_GCM_SHA384", "- TLS_AES_257", "no cipher suites"),
        ("    - secp384r1\n", "    - secp256r1\n", "twice"),
        ("id: ipa-tls-3.1.1-high", "id: a\nid: b", "twice"),
        ("id: ipa-tls-3.1.1-high", "id: &a x", "anchor"),
        ("id: ipa-tls-3.1.1-high", "id: !!python/object:os.system x", "tag"),
        ('level: warn, source: "IPA, 高', 'level: ok, source: "IPA, 高', "server_order.level"),
    ],
)  # fmt: skip
def test_data_that_is_no_profile(before: str, after: str, fault: str) -> None:
    assert before in TEXT
    with pytest.raises(DataInvalid, match=fault):
        read(TlsProfile, TEXT.replace(before, after, 1))


@given(st.text(max_size=200))
def test_any_text_is_a_profile_or_refused(text: str) -> None:
    with pytest.raises(DataInvalid):
        read(TlsProfile, text)


def test_the_other_list_is_strict_too() -> None:
    text = (FOLDER / ALGORITHMS).read_text(encoding="utf8")
    with pytest.raises(DataInvalid, match="monitored"):
        read(AlgorithmList, text.replace("monitored:", "watched:"))
    with pytest.raises(DataInvalid, match="file"):
        read(AlgorithmList, json.dumps([1]))


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("TLS_AES_128_CCM_8_SHA256", ("any", "any", "AES", 128, "CCM_8", "SHA256", False)),
        ("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", ("ECDHE", "RSA", "AES", 256, "GCM", "SHA384", False)),
        ("TLS_RSA_WITH_3DES_EDE_CBC_SHA", ("RSA", "RSA", "3DES", 112, "CBC", "SHA", False)),
        ("TLS_DH_anon_EXPORT_WITH_RC4_40_MD5", ("DH", "anon", "RC4", 40, "", "MD5", True)),
        ("TLS_RSA_PSK_WITH_NULL_SHA256", ("RSA", "PSK", "NULL", 0, "", "SHA256", False)),
        ("TLS_KRB5_EXPORT_WITH_DES_CBC_40_SHA", ("KRB5", "KRB5", "DES", 40, "CBC", "SHA", True)),
        ("TLS_SRP_SHA_DSS_WITH_AES_128_CBC_SHA", ("SRP", "DSS", "AES", 128, "CBC", "SHA", False)),
        ("TLS_DHE_RSA_WITH_AES_256_CCM", ("DHE", "RSA", "AES", 256, "CCM", "SHA256", False)),
        ("TLS_SHA384_SHA384", ("any", "any", "NULL", 0, "", "SHA384", False)),
        ("TLS_SM4_GCM_SM3", ("any", "any", "SM4", 128, "GCM", "SM3", False)),
    ],
)
def test_taking_a_name_apart(name: str, parts: tuple[object, ...]) -> None:
    assert suite(name) == Suite(name, *parts)  # type: ignore[arg-type]


def test_every_registered_suite_is_understood() -> None:
    assert [name for name in REGISTRY.values() if suite(name) is None] == []
    assert len(set(REGISTRY.values())) == len(REGISTRY)
    assert suite("AES256-SHA") is None


def test_a_registry_with_anything_else_in_it(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no cipher suite"):
        read_registry("1301 TLS_AES_128_GCM_SHA256\n13 TLS_X\n")
