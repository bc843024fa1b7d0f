"""Every rule fails once, by itself; worse facts never help; what could not be told is never fine."""

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sekisho.kernel.canonical import canonical_json
from sekisho.kernel.declarations import Outcome
from sekisho.network.queries.profiles import high_security
from sekisho.network.rules.judged import Judged, Level, outcome_of
from sekisho.network.rules.observation import Certificate, Observation, Trust, Version, Why
from sekisho.network.rules.tls import judge
from sekisho.network.rules.tls_certificates import names_host
from sekisho.network.rules.tls_texts import TEXTS

V = Version
PROFILE = high_security()
NOW = datetime(2026, 11, 21, 0, 30, tzinfo=UTC)
HOST = "ehr.example.jp"
LEAF = Certificate(
    "aa", subject=f"CN={HOST}", issuer="CN=Clinic CA", names=(f"DNS:{HOST}",),
    not_before=datetime(2026, 6, 1, tzinfo=UTC), not_after=datetime(2027, 6, 1, tzinfo=UTC), key_type="ec",
    key_bits=256, curve="secp256r1", signature_algorithm="ecdsa-with-SHA256", signature_hash="sha256",
    purposes=("serverAuth",), is_authority=False, self_signed=False,
)  # fmt: skip
ISSUER = replace(LEAF, fingerprint="bb", subject="CN=Clinic CA", is_authority=True, names=())
ROOT = replace(ISSUER, fingerprint="cc", self_signed=True, key_type="rsa", key_bits=1024, signature_hash="sha1")
GOOD = Observation(
    HOST, 443, server_name=HOST, address="192.0.2.1", reachable=True, tls=True,
    versions={**dict.fromkeys(V, False), V.TLS13: True},
    suites={V.TLS13: ("TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256")}, server_order={V.TLS13: True},
    groups={V.TLS13: ("x25519", "secp256r1")}, dh_bits=(), chains=((LEAF, ISSUER, ROOT),),
    trust=Trust("registered", trusted=True), compression=False, secure_renegotiation=True, downgrade_protection=True,
    certificate_requested=False,
)  # fmt: skip
RSA_2048 = replace(LEAF, key_type="rsa", key_bits=2048, curve=None)


def levels(seen: Observation, **more: Any) -> dict[str, Level]:
    """Return the worst level of each code."""
    rank = [Level.OK, Level.WARN, Level.UNKNOWN, Level.NG]
    found: dict[str, Level] = {}
    for one in judge(PROFILE, seen, NOW, **more):
        found[one.code] = max(found.get(one.code, Level.OK), one.level, key=rank.index)
    return found


def with_leaf(**facts: Any) -> Observation:
    """Return the good observation with another certificate."""
    return replace(GOOD, chains=((replace(LEAF, **facts), ISSUER, ROOT),))


def with_versions(**offered: bool | None) -> Observation:
    """Return the good observation with other versions, by their names in the enumeration."""
    return replace(GOOD, versions={**GOOD.versions, **{V[name]: value for name, value in offered.items()}})


def with_suites(*names: str) -> Observation:
    """Return the good observation with other suites of TLS 1.3."""
    return replace(GOOD, suites={V.TLS13: names})


TLS12 = replace(
    with_versions(TLS12=True),
    suites={**GOOD.suites, V.TLS12: ("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",)},
    groups={**GOOD.groups, V.TLS12: ("x25519",)},
)
TLS10 = replace(with_versions(TLS10=True), groups={**GOOD.groups, V.TLS10: ("secp256r1",)})


def test_a_good_endpoint_has_nothing_to_mend() -> None:
    found = levels(GOOD)
    assert set(found.values()) == {Level.OK}
    assert outcome_of(judge(PROFILE, GOOD, NOW)) is Outcome.PASS
    # The root's weak key and signature are nobody's concern: whoever trusts it has a copy of their own.
    assert set(found) == set(TEXTS) - {"UNREACHABLE", "NO-TLS", "CERT"}


NG, WARN = Level.NG, Level.WARN


def with_12(*names: str) -> Observation:
    """Return an endpoint that offers TLS 1.2 with these suites as well."""
    return replace(TLS12, suites={**TLS12.suites, V.TLS12: names})


# code, level, observation, other codes that the same fact touches
CASES: list[tuple[str, Level, Observation, dict[str, Level]]] = [
    ("TLS13-MISSING", NG, replace(TLS12, versions={**TLS12.versions, V.TLS13: False}), {"TLS12": NG}),
    ("TLS12", NG, TLS12, {}),
    ("TLS-OLD", NG, replace(TLS10, suites={**GOOD.suites, V.TLS10: GOOD.suites[V.TLS13]}), {}),
    ("TLS-OLD", NG, with_versions(SSL2=True), {"CRYPTREC": NG}),
    ("SUITE", NG, with_suites("TLS_SHA256_SHA256"), {"CRYPTREC": NG}),
    ("SUITE", NG, with_suites("TLS_SM4_GCM_SM3"), {"CRYPTREC": NG}),
    ("CRYPTREC", NG, with_12("TLS_RSA_WITH_AES_128_GCM_SHA256"), {"SUITE": NG, "TLS12": NG}),
    ("CRYPTREC", WARN, with_12("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"), {"SUITE": NG, "TLS12": NG}),
    ("ORDER", WARN, replace(GOOD, server_order={V.TLS13: False}), {}),
    ("PRIORITY", WARN, with_suites("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384"), {}),
    ("GROUP", NG, replace(GOOD, groups={V.TLS13: ("x25519", "secp224r1")}), {}),
    ("GROUP", NG, replace(GOOD, groups={V.TLS13: ("x25519", "MLKEM512")}), {}),
    ("DH-BITS", NG, replace(GOOD, dh_bits=(1024, 2048)), {}),
    ("COMPRESSION", WARN, replace(GOOD, compression=True), {}),
    ("RENEGOTIATION", WARN, replace(GOOD, secure_renegotiation=False), {}),
    ("DOWNGRADE", WARN, replace(GOOD, downgrade_protection=False), {}),
    ("CERT-KEY", NG, with_leaf(key_type="rsa", key_bits=1024), {"CERT-2031": Level.OK}),
    ("CERT-KEY", NG, with_leaf(key_bits=224, curve="secp224r1"), {}),
    ("CERT-KEY", NG, with_leaf(key_type="dsa", key_bits=3072), {}),
    ("CERT-KEY", NG, replace(GOOD, chains=((LEAF, replace(ISSUER, key_type="rsa", key_bits=1024)),)), {}),
    ("CERT-SIG", NG, with_leaf(signature_hash="sha1"), {}),
    ("CERT-SIG", NG, with_leaf(signature_hash="sha224"), {}),
    ("CERT-EXPIRED", NG, with_leaf(not_after=datetime(2026, 11, 21, 0, 29, tzinfo=UTC)), {}),
    ("CERT-EXPIRED", NG, with_leaf(not_before=datetime(2026, 11, 21, 0, 31, tzinfo=UTC)), {}),
    ("CERT-SOON", WARN, with_leaf(not_after=datetime(2027, 2, 18, tzinfo=UTC)), {}),
    ("CERT-2031", WARN, with_leaf(key_type="rsa", key_bits=2048, not_after=datetime(2031, 1, 1, tzinfo=UTC)), {}),
    ("CERT-NAME", NG, with_leaf(names=("DNS:other.example.jp",)), {}),
    ("CERT-NAME", NG, with_leaf(names=()), {}),
    ("CERT-NAME", WARN, replace(GOOD, host="192.0.2.1", server_name=None), {}),
    ("CA-UNKNOWN", NG, replace(GOOD, trust=Trust("registered", trusted=False, code=20, reason="unable")), {}),
    ("CA-UNKNOWN", Level.UNKNOWN, replace(GOOD, trust=Trust("system", trusted=False, code=18)), {}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "level", "seen", "others"), CASES, ids=lambda value: value if isinstance(value, str) else ""
)
def test_each_rule_fails_once_and_by_itself(
    code: str, level: Level, seen: Observation, others: dict[str, Level]
) -> None:
    found = {one: value for one, value in levels(seen).items() if value is not Level.OK}
    assert found.pop(code) is level
    assert found == {one: value for one, value in others.items() if value is not Level.OK}


def test_the_exception_for_tls_12() -> None:
    assert levels(TLS12, tls12_reason=True)["TLS12"] is WARN
    only = replace(TLS12, versions={**TLS12.versions, V.TLS13: False})
    found = levels(only, tls12_reason=True)
    assert (found["TLS13-MISSING"], found["TLS12"]) == (WARN, WARN)
    assert outcome_of(judge(PROFILE, only, NOW, tls12_reason=True)) is Outcome.PASS
    # The reason excuses TLS 1.2 and nothing else.
    weak = replace(only, suites={V.TLS12: ("TLS_RSA_WITH_AES_128_CBC_SHA",)})
    assert outcome_of(judge(PROFILE, weak, NOW, tls12_reason=True)) is Outcome.FAIL


def test_a_certificate_is_valid_from_its_first_moment_to_its_last() -> None:
    """RFC 5280, 4.1.2.5: both are included."""
    assert levels(with_leaf(not_before=NOW))["CERT-EXPIRED"] is Level.OK
    assert levels(with_leaf(not_after=NOW))["CERT-EXPIRED"] is Level.OK
    assert levels(with_leaf(not_after=None))["CERT-2031"] is Level.UNKNOWN


def test_strength_over_the_years() -> None:
    ends_2032 = with_leaf(key_type="rsa", key_bits=2048, curve=None, not_after=datetime(2032, 1, 1, tzinfo=UTC))
    remarks = judge(PROFILE, ends_2032, datetime(2031, 1, 2, tzinfo=UTC))
    assert next(one for one in remarks if one.code == "CERT-2031").level is NG
    assert (
        levels(with_leaf(key_type="rsa", key_bits=3072, not_after=datetime(2031, 6, 1, tzinfo=UTC)))["CERT-2031"]
        is Level.OK
    )
    dh = replace(GOOD, dh_bits=(2048,))
    assert levels(dh)["DH-BITS"] is Level.OK
    for year, level in ((2030, Level.OK), (2031, NG)):
        remarks = judge(PROFILE, dh, datetime(year, 6, 1, tzinfo=UTC))
        assert next(one for one in remarks if one.code == "DH-BITS").level is level
    remarks = judge(PROFILE, replace(GOOD, dh_bits=(3072,)), datetime(2031, 6, 1, tzinfo=UTC))
    assert next(one for one in remarks if one.code == "DH-BITS").level is Level.OK
    ends_2030 = with_leaf(key_type="rsa", key_bits=2048, not_after=datetime(2030, 12, 31, tzinfo=UTC))
    assert levels(ends_2030)["CERT-2031"] is Level.OK


@pytest.mark.parametrize(
    ("seen", "code", "level"),
    [
        (Observation(HOST, 443, reachable=False, why={"reachable": Why.REFUSED}), "UNREACHABLE", Level.UNKNOWN),
        (Observation(HOST, 443, why={"reachable": Why.BROKEN_OFF}), "UNREACHABLE", Level.UNKNOWN),
        (Observation(HOST, 443, reachable=True), "NO-TLS", Level.UNKNOWN),
        (Observation(HOST, 443, reachable=True, tls=False, plain="220 mail"), "NO-TLS", Level.UNKNOWN),
        (Observation(HOST, 443, reachable=True, tls=False, plain="HTTP/1.1 400"), "NO-TLS", Level.NG),
    ],
)
def test_an_endpoint_that_shows_nothing(seen: Observation, code: str, level: Level) -> None:
    (remark,) = judge(PROFILE, seen, NOW)
    assert (remark.code, remark.level) == (code, level)
    if seen.tls is False and level is Level.UNKNOWN:
        assert remark.message.params["why"] == Why.NOT_TLS.label


@pytest.mark.parametrize(
    ("names", "host", "covered"),
    [
        (["DNS:ehr.example.jp"], "EHR.example.jp.", True),
        (["DNS:*.example.jp"], "ehr.example.jp", True),
        (["DNS:*.example.jp"], "a.ehr.example.jp", False),
        (["DNS:*.example.jp"], "example.jp", False),
        (["DNS:*"], "localhost", False),
        (["DNS:192.0.2.1"], "192.0.2.1", False),
        (["IP:192.0.2.1"], "192.0.2.1", True),
        (["IP:2001:db8::1"], "2001:db8:0::1", True),
        ([], "ehr.example.jp", False),
    ],
)
def test_names(names: list[str], host: str, covered: bool) -> None:
    assert names_host(names, host) is covered


RC4 = "TLS_RSA_WITH_RC4_128_MD5"
# Each makes one fact worse.
WORSE: list[Callable[[Observation], Observation]] = [
    lambda seen: replace(seen, versions={**seen.versions, V.TLS13: False}),
    lambda seen: replace(seen, versions={**seen.versions, V.TLS12: True}),
    lambda seen: replace(seen, versions={**seen.versions, V.TLS11: True}),
    lambda seen: replace(seen, versions={**seen.versions, V.SSL2: True}),
    lambda seen: replace(seen, suites={key: (*(names or ()), RC4) for key, names in seen.suites.items()}),
    lambda seen: replace(seen, server_order=dict.fromkeys(seen.server_order, False)),
    lambda seen: replace(seen, groups={key: (*(names or ()), "secp160r1") for key, names in seen.groups.items()}),
    lambda seen: replace(seen, dh_bits=(*(seen.dh_bits or ()), 512)),
    lambda seen: replace(seen, compression=True),
    lambda seen: replace(seen, secure_renegotiation=False),
    lambda seen: replace(seen, downgrade_protection=False),
    lambda seen: replace(seen, trust=Trust("registered", trusted=False)),
    lambda seen: replace(seen, chains=(*(seen.chains or ()), (replace(LEAF, key_bits=160),))),
    lambda seen: replace(seen, chains=(*(seen.chains or ()), (replace(LEAF, signature_hash="md5"),))),
    lambda seen: replace(seen, chains=(*(seen.chains or ()), (replace(LEAF, not_after=LEAF.not_before),))),
    lambda seen: replace(seen, chains=(*(seen.chains or ()), (replace(LEAF, names=("DNS:b",)),))),
]  # fmt: skip
RANK = {Outcome.PASS: 0, Outcome.UNKNOWN: 1, Outcome.FAIL: 2}


def outcome(seen: Observation) -> Outcome:
    return outcome_of(judge(PROFILE, seen, NOW))


@pytest.mark.parametrize("worse", WORSE)
@pytest.mark.parametrize("seen", [GOOD, TLS12])
def test_nobody_fails_for_what_only_memory_says_but_by_the_suites_of_tls_12(
    worse: Callable[[Observation], Observation], seen: Observation
) -> None:
    """The promise in the head of the profile, at every fact that can be worse."""
    remarks = judge(PROFILE, worse(seen), NOW)
    by_memory = [one for one in remarks if one.level is NG and one.certainty == "memory"]
    assert {one.code for one in by_memory} <= {"SUITE"}
    assert all(one.source == PROFILE.tls.suites[V.TLS12].source for one in by_memory)


@given(st.lists(st.sampled_from(WORSE), max_size=8), st.sampled_from(WORSE), st.sampled_from([GOOD, TLS12]))
def test_worse_facts_never_help(
    before: list[Callable[[Observation], Observation]], last: Callable[[Observation], Observation], seen: Observation
) -> None:
    for change in before:
        seen = change(seen)
    assert RANK[outcome(last(seen))] >= RANK[outcome(seen)]


UNKNOWN_FIELDS = [
    "dh_bits", "chains", "trust", "compression", "secure_renegotiation", "downgrade_protection", "tls", "reachable",
]  # fmt: skip


def forget(seen: Observation, place: str) -> Observation:
    """Return the observation with one fact that could not be told."""
    field, _dot, key = place.partition(".")
    if not key:
        return replace(seen, **{field: None})
    rows = dict(getattr(seen, field))
    rows[V(key)] = None
    return replace(seen, **{field: rows})


LISTED = ["suites.TLS 1.3", "groups.TLS 1.3", "server_order.TLS 1.3"]
PLACES = [*UNKNOWN_FIELDS, *LISTED, *(f"versions.{version}" for version in V)]


@pytest.mark.parametrize("place", PLACES)
def test_a_fact_that_could_not_be_told_is_unknown(place: str) -> None:
    seen = forget(GOOD, place)
    assert outcome(seen) is Outcome.UNKNOWN
    seen = replace(seen, why={place: Why.SILENT})
    unknown = [one for one in judge(PROFILE, seen, NOW) if one.level is Level.UNKNOWN]
    assert any(one.message.params["why"] == Why.SILENT.label for one in unknown)


@given(st.lists(st.sampled_from(PLACES), min_size=1), st.lists(st.sampled_from(WORSE), max_size=3))
def test_unknown_never_becomes_a_pass(places: list[str], changes: list[Callable[[Observation], Observation]]) -> None:
    seen = GOOD
    for change in changes:
        seen = change(seen)
    for place in places:
        seen = forget(seen, place)
    assert outcome(seen) is not Outcome.PASS


@pytest.mark.parametrize(
    ("names", "certainty"),
    [
        (("x25519", "secp256r1"), "secondary"),
        (("x25519", "X25519MLKEM768"), "own"),
        (("brainpoolP256r1tls13",), "own"),
        (("ffdhe3072",), "own"),
    ],
)
def test_a_group_that_no_text_names_is_our_own_judgement(names: tuple[str, ...], certainty: str) -> None:
    found = [one for one in judge(PROFILE, replace(GOOD, groups={V.TLS13: names}), NOW) if one.code == "GROUP"]
    assert [(one.level, one.certainty) for one in found] == [(Level.OK, certainty)]


def test_every_version_that_is_offered_needs_its_groups_and_suites() -> None:
    assert levels(TLS12)["GROUP"] is Level.OK
    for groups in ({V.TLS13: ("x25519",)}, {V.TLS12: ("x25519",)}, {}):
        assert levels(replace(TLS12, groups=groups))["GROUP"] is Level.UNKNOWN
    assert levels(replace(TLS12, suites=GOOD.suites))["SUITE"] is Level.UNKNOWN
    assert levels(replace(TLS12, suites=GOOD.suites))["CRYPTREC"] is Level.UNKNOWN


@pytest.mark.parametrize("field", ["suites.TLS 1.3", "groups.TLS 1.3", "chains"])
def test_a_list_that_is_not_complete_is_no_pass(field: str) -> None:
    assert outcome(replace(GOOD, why={field: Why.HUNG_UP})) is Outcome.UNKNOWN


@pytest.mark.parametrize("field", [one.name for one in fields(Certificate) if one.name != "fingerprint"])
def test_certificates_that_cannot_be_read(field: str) -> None:
    judged = {"names", "not_before", "not_after", "key_type", "key_bits", "signature_hash"}
    expected = Outcome.UNKNOWN if field in judged else Outcome.PASS
    assert outcome(with_leaf(**{field: None})) is expected
    assert outcome(replace(GOOD, chains=((Certificate("aa"),),))) is Outcome.UNKNOWN
    assert outcome(replace(GOOD, chains=((),))) is Outcome.UNKNOWN


def test_remarks_can_be_kept_as_evidence() -> None:
    for _code, _level, seen, _others in CASES:
        remarks = judge(PROFILE, seen, NOW)
        assert canonical_json([one.document() for one in remarks])
        assert all(str(one.message) and "%(" not in str(one.message) for one in remarks)


def test_what_was_seen_stands_beside_what_is_asked_for() -> None:
    found = {one.code: one for one in judge(PROFILE, replace(GOOD, server_order={V.TLS13: False}), NOW)}
    assert (found["ORDER"].observed, found["ORDER"].expected) == (False, True)
    assert (found["COMPRESSION"].observed, found["COMPRESSION"].expected) == (False, False)
    assert (found["DH-BITS"].observed, found["DH-BITS"].expected) == ([], 2048)
    assert found["SUITE"].certainty == "secondary"
    assert "IPA" in found["SUITE"].source


def test_long_lists_are_cut_for_people_only() -> None:
    names = tuple(f"TLS_X{number}" for number in range(200))
    remark = next(one for one in judge(PROFILE, with_suites(*names), NOW) if one.code == "SUITE")
    assert isinstance(remark, Judged)
    assert len(str(remark.message)) < 600
    assert remark.observed == list(names)


OLD = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("chain", "level"),
    [
        ((LEAF,), None),
        ((LEAF, ISSUER, ROOT), Level.OK),
        ((LEAF, replace(ISSUER, not_after=OLD)), Level.NG),
        ((LEAF, replace(ISSUER, not_before=datetime(2026, 11, 22, tzinfo=UTC))), Level.NG),
        # Signed twice, by an old root and by a new one: one way is enough.
        ((LEAF, ISSUER, replace(ISSUER, fingerprint="dd", issuer="CN=Old Root", not_after=OLD)), Level.WARN),
        ((LEAF, ISSUER, replace(ROOT, not_after=OLD)), Level.WARN),
        ((LEAF, replace(ISSUER, subject="CN=Somebody", not_after=OLD)), Level.WARN),
        ((LEAF, replace(ISSUER, not_after=None)), Level.UNKNOWN),
    ],
)
def test_what_the_authorities_certificates_are_worth(chain: tuple[Certificate, ...], level: Level | None) -> None:
    """The check of the chain leaves time aside, so that expiry hides nothing else; here it is told."""
    assert levels(replace(GOOD, chains=(chain,))).get("CERT-CHAIN") is level
