"""What the certificates of an endpoint are worth. Whom they come from is told apart from how strong they are."""

import ipaddress
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sekisho.network.rules.judged import Judged, Level
from sekisho.network.rules.observation import Certificate, Chain, Observation, Why
from sekisho.network.rules.profile import Profile, Row, StrengthRow
from sekisho.network.rules.remarks import Fact, cannot_tell, remark, why_of
from sekisho.network.rules.tls_texts import PRIVATE_AUTHORITY

_IN_TIME = Row(source="RFC 5280, 6.1.3", certainty="primary")


def judge_certificates(profile: Profile, seen: Observation, now: datetime) -> Iterable[Judged]:
    """Remark on every certificate that the endpoint shows."""
    tls = profile.tls
    if not seen.chains or any(not chain for chain in seen.chains) or "chains" in seen.why:
        yield cannot_tell("CERT", why_of(seen, "chains"), tls.certificate_key)
    if seen.chains:
        leaves = [chain[0] for chain in seen.chains if chain]
        # A root that is sent along is not what anybody relies on: those who trust it have their own copy.
        issuers = [one for chain in seen.chains for one in chain[1:] if not one.self_signed]
        yield _keys(profile, [*leaves, *issuers])
        yield _signatures(profile, [*leaves, *issuers])
        yield _validity(profile, leaves, now)
        yield from _end(profile, leaves, now)
        yield from _sent_along(seen, now)
        yield _strength(profile.algorithms.strength, [*leaves, *issuers], now)
        yield _name(profile, seen, leaves)
    yield _authority(profile, seen)


def _keys(profile: Profile, certificates: Sequence[Certificate]) -> Judged:
    row = profile.tls.certificate_key
    wrong = [
        _key_name(one)
        for one in certificates
        if one.key_type is not None
        and (one.key_type not in row.least or (one.key_bits is not None and one.key_bits < row.least[one.key_type]))
    ]
    expected = dict(row.least)
    if wrong:
        return remark("CERT-KEY", Level.NG, Fact(wrong, expected, shown=", ".join(wrong)), row)
    if any(one.key_type is None or one.key_bits is None for one in certificates) or not certificates:
        return cannot_tell("CERT-KEY", Why.UNREADABLE, row)
    return remark("CERT-KEY", Level.OK, Fact([_key_name(one) for one in certificates], expected), row)


def _key_name(one: Certificate) -> str:
    return f"{(one.key_type or '?').upper()}-{one.curve or one.key_bits or '?'}"


def _signatures(profile: Profile, certificates: Sequence[Certificate]) -> Judged:
    row = profile.tls.certificate_signature
    hashes = [one.signature_hash for one in certificates]
    wrong = [name for name in hashes if name is not None and name not in row.hashes]
    expected = list(row.hashes)
    if wrong:
        return remark("CERT-SIG", Level.NG, Fact(wrong, expected, shown=", ".join(wrong)), row)
    if None in hashes or not hashes:
        return cannot_tell("CERT-SIG", Why.UNREADABLE, row)
    return remark("CERT-SIG", Level.OK, Fact(hashes, expected), row)


def _validity(profile: Profile, leaves: Sequence[Certificate], now: datetime) -> Judged:
    row = _IN_TIME
    wrong = [one for one in leaves if _outside(one, now)]
    if wrong:
        shown = ", ".join(f"{_day(one.not_before)} - {_day(one.not_after)}" for one in wrong)
        return remark("CERT-EXPIRED", Level.NG, Fact(shown, _day(now), shown=shown), row)
    if any(one.not_before is None or one.not_after is None for one in leaves) or not leaves:
        return cannot_tell("CERT-EXPIRED", Why.UNREADABLE, row)
    return remark("CERT-EXPIRED", Level.OK, Fact([_day(one.not_after) for one in leaves], _day(now)), row)


def _outside(one: Certificate, now: datetime) -> bool:
    too_early = one.not_before is not None and now < one.not_before
    return too_early or (one.not_after is not None and now > one.not_after)


def _sent_along(seen: Observation, now: datetime) -> Iterable[Judged]:
    """Judge how long the authorities' certificates are valid; the check of the chain leaves time aside.

    Every way to a root leads over one that signed the leaf. Any other one may be a leftover that nobody needs, or a
    root, of which those who trust it have their own copy.
    """
    others = [one for chain in seen.chains or () for one in chain[1:]]
    wrong = [one for one in others if _outside(one, now)]
    if wrong:
        shown = ", ".join(f"{one.subject or '?'} {_day(one.not_before)} - {_day(one.not_after)}" for one in wrong)
        level = Level.NG if any(_is_stranded(chain, now) for chain in seen.chains or () if chain) else Level.WARN
        yield remark("CERT-CHAIN", level, Fact(shown, _day(now), shown=shown), _IN_TIME)
    elif any(one.not_before is None or one.not_after is None for one in others):
        yield cannot_tell("CERT-CHAIN", Why.UNREADABLE, _IN_TIME)
    elif others:
        yield remark("CERT-CHAIN", Level.OK, Fact([_day(one.not_after) for one in others], _day(now)), _IN_TIME)


def _is_stranded(chain: Chain, now: datetime) -> bool:
    """Tell whether all that could have signed the leaf are out of their time."""
    signers = [one for one in chain[1:] if not one.self_signed and one.subject == chain[0].issuer]
    return bool(signers) and all(_outside(one, now) for one in signers)


def _end(profile: Profile, leaves: Sequence[Certificate], now: datetime) -> Iterable[Judged]:
    row = profile.tls.certificate_end
    ends = [one.not_after for one in leaves if one.not_after is not None]
    if not ends or min(ends) < now:
        return  # said already
    soon = min(ends) < now + timedelta(days=row.days)
    fact = Fact(_day(min(ends)), row.days, shown=_day(min(ends)))
    yield remark("CERT-SOON", Level.WARN if soon else Level.OK, fact, row)


def _strength(strength: StrengthRow, certificates: Sequence[Certificate], now: datetime) -> Judged:
    weak: list[tuple[Certificate, int]] = []
    for one in certificates:
        if one.key_type is None or one.key_bits is None or one.not_after is None:
            continue
        end = strength.end(strength.of_key(one.key_type, one.key_bits))
        if end is not None and one.not_after.year > end:
            weak.append((one, end))
    if weak:
        over = any(now.year > end for _one, end in weak)
        shown = ", ".join(f"{_key_name(one)} - {_day(one.not_after)}" for one, _end in weak)
        expected = min(end for _one, end in weak)
        return remark("CERT-2031", Level.NG if over else Level.WARN, Fact(shown, expected, shown=shown), strength)
    if any(one.key_type is None or one.key_bits is None or one.not_after is None for one in certificates):
        return cannot_tell("CERT-2031", Why.UNREADABLE, strength)
    return remark("CERT-2031", Level.OK, Fact([_key_name(one) for one in certificates], None), strength)


def _name(profile: Profile, seen: Observation, leaves: Sequence[Certificate]) -> Judged:
    row = profile.tls.certificate_name
    asked = seen.server_name or seen.host
    strangers = [one for one in leaves if one.names is not None and not names_host(one.names, asked)]
    if strangers:
        # By which name clients call a bare address is not known here.
        level = row.level if seen.server_name else Level.WARN
        names = sorted({name for one in strangers for name in one.names or ()})
        shown = ", ".join(names) or "-"
        return remark("CERT-NAME", level, Fact(names, asked, shown=shown), row)
    if any(one.names is None for one in leaves) or not leaves:
        return cannot_tell("CERT-NAME", Why.UNREADABLE, row)
    return remark("CERT-NAME", Level.OK, Fact(sorted({name for one in leaves for name in one.names or ()}), asked), row)


def names_host(names: Iterable[str], host: str) -> bool:
    """Tell whether alternative names cover ``host``: a wildcard stands for one whole first label (RFC 9525, 6.3)."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        wanted = host.rstrip(".").lower()
        behind = wanted.partition(".")[2]
        found = {name.removeprefix("DNS:").rstrip(".").lower() for name in names if name.startswith("DNS:")}
        return wanted in found or (bool(behind) and f"*.{behind}" in found)
    return f"IP:{address}" in set(names)


def _authority(profile: Profile, seen: Observation) -> Judged:
    row = Row(source="RFC 5280, 6.1; MHLW guideline 7.0 (draft), system operation, 13⑩", certainty="primary")
    trust = seen.trust
    if trust is None or trust.trusted is None:
        return cannot_tell("CA-UNKNOWN", (trust.why if trust else None) or why_of(seen, "trust"), row)
    fact = Fact(trust.reason or trust.against, trust.against, shown=trust.reason)
    if trust.trusted:
        return remark("CA-UNKNOWN", Level.OK, fact, row)
    if trust.against == "registered":
        return remark("CA-UNKNOWN", Level.NG, fact, row)
    # Nobody has said which authority to expect; clients may well know a private one.
    return remark("CA-UNKNOWN", Level.UNKNOWN, fact, row, PRIVATE_AUTHORITY)


def _day(moment: datetime | None) -> str:
    return moment.date().isoformat() if moment else "?"
