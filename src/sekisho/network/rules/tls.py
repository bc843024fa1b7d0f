"""What an observed endpoint is worth by a profile. Facts that could not be told are UNKNOWN, never fine."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sekisho.kernel.canonical import Json
from sekisho.network.rules.algorithms import judge_algorithms
from sekisho.network.rules.judged import Judged, Level
from sekisho.network.rules.observation import Observation, Version, Why
from sekisho.network.rules.profile import LevelRow, Profile, TlsProfile
from sekisho.network.rules.remarks import Fact, cannot_tell, remark, why_of
from sekisho.network.rules.suites import suite
from sekisho.network.rules.tls_certificates import judge_certificates

_WITH_GROUPS = (Version.TLS10, Version.TLS11, Version.TLS12)
_OLD = (Version.SSL2, Version.SSL3, Version.TLS10, Version.TLS11)


def judge(profile: Profile, seen: Observation, now: datetime, *, tls12_reason: bool = False) -> tuple[Judged, ...]:
    """Return every remark about one endpoint at the moment ``now`` (aware).

    ``tls12_reason``: it is on record why this endpoint cannot do without TLS 1.2 (MHLW 13⑥); offering it, and nothing
    newer, is then worth mending and breaks no rule.
    """
    tls = profile.tls
    if not seen.reachable:
        return (cannot_tell("UNREACHABLE", why_of(seen, "reachable"), tls.versions),)
    if not seen.tls:
        return (_no_tls(tls, seen),)
    return (
        *_versions(tls, seen, tls12_reason=tls12_reason),
        *_suites(tls, seen),
        _groups(tls, seen),
        _dh_bits(profile, seen, now),
        _switch("COMPRESSION", tls.compression, seen, fact="compression", good=False),
        _switch("RENEGOTIATION", tls.renegotiation, seen, fact="secure_renegotiation", good=True),
        _switch("DOWNGRADE", tls.downgrade, seen, fact="downgrade_protection", good=True),
        *judge_algorithms(profile.algorithms, seen),
        *judge_certificates(profile, seen, now),
    )


def _no_tls(tls: TlsProfile, seen: Observation) -> Judged:
    # HTTP in the clear is what it is; any other greeting may belong to a protocol that turns to TLS later.
    if seen.tls is False and (seen.plain or "").startswith("HTTP/"):
        return remark("NO-TLS", Level.NG, Fact(seen.plain, "TLS"), tls.versions)
    why = Why.NOT_TLS if seen.tls is False else seen.why.get("tls", why_of(seen, f"versions.{Version.TLS13}"))
    return cannot_tell("NO-TLS", why, tls.versions)


def _versions(tls: TlsProfile, seen: Observation, *, tls12_reason: bool) -> Iterable[Judged]:
    breach = Level.WARN if tls12_reason else Level.NG
    modern, middle = seen.versions.get(Version.TLS13), seen.versions.get(Version.TLS12)
    offered: Json = [version.value for version in seen.offered()]
    if modern is None:
        yield cannot_tell("TLS13-MISSING", why_of(seen, f"versions.{Version.TLS13}"), tls.versions)
    else:
        level = Level.OK if modern else breach
        yield remark("TLS13-MISSING", level, Fact(offered, Version.TLS13.value), tls.versions)
    if middle is None:
        yield cannot_tell("TLS12", why_of(seen, f"versions.{Version.TLS12}"), tls.only_tls13)
    else:
        yield remark("TLS12", breach if middle else Level.OK, Fact(offered, Version.TLS13.value), tls.only_tls13)
    allowed = {*tls.versions.required, *tls.versions.optional}
    old = [version for version in _OLD if seen.versions.get(version) and version not in allowed]
    unknown = [version for version in _OLD if seen.versions.get(version) is None]
    if old:
        yield remark(
            "TLS-OLD", Level.NG, Fact([version.value for version in old], [], shown=", ".join(old)), tls.versions
        )
    elif unknown:
        yield cannot_tell("TLS-OLD", why_of(seen, f"versions.{unknown[0]}"), tls.versions)
    else:
        yield remark("TLS-OLD", Level.OK, Fact(offered, []), tls.versions)


def _suites(tls: TlsProfile, seen: Observation) -> Iterable[Judged]:
    """Judge the suites of the versions that may be offered; the others must go with all of theirs."""
    for version in [version for version in seen.offered() if version in tls.suites]:
        row = tls.suites[version]
        offered = seen.suites.get(version)
        wrong = [name for name in offered or () if name not in row.names]
        if wrong:
            yield remark("SUITE", Level.NG, Fact(wrong, list(row.names), shown=", ".join(wrong)), row)
        elif not offered or f"suites.{version}" in seen.why:
            yield cannot_tell("SUITE", why_of(seen, f"suites.{version}"), row)
        else:
            yield remark("SUITE", Level.OK, Fact(list(offered), list(row.names)), row)
        yield from _order(tls, seen, version, offered or ())


def _order(tls: TlsProfile, seen: Observation, version: Version, offered: Sequence[str]) -> Iterable[Judged]:
    if len(offered) < 2:
        return
    order = seen.server_order.get(version)
    if order is None:
        yield cannot_tell("ORDER", why_of(seen, f"server_order.{version}"), tls.server_order)
        return
    fact = Fact(order, expected=True, shown=version)
    yield remark("ORDER", Level.OK if order else tls.server_order.level, fact, tls.server_order)
    if order:
        bits = [made_of.bits for name in offered if (made_of := suite(name))]
        ordered = bits == sorted(bits, reverse=True)
        fact = Fact(list(offered), "256, 128", shown=version)
        yield remark("PRIORITY", Level.OK if ordered else tls.priority.level, fact, tls.priority)


def _groups(tls: TlsProfile, seen: Observation) -> Judged:
    row, allowed = tls.groups, [*tls.groups.names, *tls.groups_own.names]
    names = sorted({name for groups in seen.groups.values() for name in groups or ()})
    wrong = [name for name in names if name not in allowed]
    incomplete = [why for field, why in seen.why.items() if field.startswith("groups.")]
    old = [version for version in seen.offered() if version in _WITH_GROUPS]
    expected = [*old[-1:], *(version for version in seen.offered() if version is Version.TLS13)]
    if wrong:
        return remark("GROUP", Level.NG, Fact(wrong, allowed, shown=", ".join(wrong)), row)
    if incomplete or not expected or any(seen.groups.get(version) is None for version in expected):
        return cannot_tell("GROUP", incomplete[0] if incomplete else Why.NOT_TRIED, row)
    # No surer than the least sure row that a group rests on.
    rests_on = row if set(names) <= set(row.names) else tls.groups_own
    return remark("GROUP", Level.OK, Fact(names, allowed), rests_on)


def _dh_bits(profile: Profile, seen: Observation, now: datetime) -> Judged:
    row, strength = profile.tls.dh_bits, profile.algorithms.strength
    if seen.dh_bits is None:
        return cannot_tell("DH-BITS", why_of(seen, "dh_bits"), row)
    least = row.least
    end = strength.end(strength.of_key("dh", least))
    if end is not None and now.year > end:  # the years have overtaken the guideline
        least = min(length for length, bits in strength.modulus.items() if (strength.end(bits) or now.year) >= now.year)
    wrong = [bits for bits in seen.dh_bits if bits < least]
    fact = Fact(list(seen.dh_bits), least, shown=", ".join(map(str, wrong)))
    return remark("DH-BITS", Level.NG if wrong else Level.OK, fact, row)


def _switch(code: str, row: LevelRow, seen: Observation, *, fact: str, good: bool) -> Judged:
    value: bool | None = getattr(seen, fact)
    if value is None:
        return cannot_tell(code, why_of(seen, fact), row)
    return remark(code, Level.OK if value is good else row.level, Fact(value, good), row)
