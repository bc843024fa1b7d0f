"""The rules of item 7 and section 13.1.2 about IPsec and other VPNs."""

from collections.abc import Iterator
from typing import Any

from sekisho.kernel.canonical import Json
from sekisho.kernel.text import Text, _
from sekisho.network.rules.configuration.profile import Profile, Rule, facts, level_of
from sekisho.network.rules.device_configuration import DeviceConfiguration, KeyExchange, Phase, Proposal, Seen
from sekisho.network.rules.judged import Judged, Level

_PLAIN_LINE = "ipsec_ikev2"
_AUTHENTICATED = frozenset({"aes-gcm", "aes-ccm", "camellia-ccm", "chacha20-poly1305", "aes-gmac"})


def _unknown(value: Seen[Any]) -> Text:
    """Return why a value leaves a question open."""
    if value.value is None:
        return _("This is not written in the configuration, and what holds without the line is not known.")
    return _("This is not written in the configuration; what holds without the line depends on the version.")


def ike_version(profile: Profile, rule: Rule, device: DeviceConfiguration, line_kind: str | None) -> Iterator[Judged]:
    """Yield a remark for every key exchange: version 1 is only left to lines registered as existing ones."""
    existing = line_kind in rule.expected["existing_lines"]
    for exchange in device.exchanges or ():
        value = exchange.versions
        holds = set(value.value or ()) <= set(rule.expected["versions"])
        level = level_of(value, holds=holds, broken=rule.levels["existing" if existing else "broken"])
        if level is Level.OK:
            message = _("Keys are exchanged by IKEv2.")
        elif holds:
            message = _unknown(value)
        elif existing:
            message = _("IKE version 1 is left to existing equipment, for a reason that is on record; see the papers.")
        else:
            message = _("IKE version 1 is accepted; as a rule it must be IKEv2.")
        more = {"table_13_1": profile.row(line_kind or _PLAIN_LINE)}
        yield rule.remark(level, message, facts(exchange.name, versions=value), [value], more)


def aggressive_mode(
    _profile: Profile, rule: Rule, device: DeviceConfiguration, _line_kind: str | None
) -> Iterator[Judged]:
    """Yield a remark for every key exchange about aggressive mode."""
    for exchange in device.exchanges or ():
        value = exchange.aggressive
        level = level_of(value, holds=value.value is False, broken=rule.levels["broken"])
        if level is Level.OK:
            message = _("Aggressive mode is not used.")
        elif value.value:
            message = _("Aggressive mode is accepted; the line must move to IKEv2 without delay.")
        else:
            message = _unknown(value)
        yield rule.remark(level, message, facts(exchange.name, aggressive=value, versions=exchange.versions), [value])


def pre_shared_key(
    profile: Profile, rule: Rule, device: DeviceConfiguration, line_kind: str | None
) -> Iterator[Judged]:
    """Yield a remark for every key exchange about how its ends authenticate."""
    for exchange in device.exchanges or ():
        value = exchange.authentication
        methods = set(value.value or ())
        shared = not methods.isdisjoint(rule.expected["excluded"])
        known = methods <= {*rule.expected["authentication"], *rule.expected["excluded"]}
        level = level_of(value, holds=not shared, broken=rule.levels["broken"])
        level = level if known or shared else Level.UNKNOWN
        if level is Level.OK:
            message = _("Both ends authenticate without a pre-shared key.")
        elif shared:
            message = _("The ends authenticate with a pre-shared key; the guideline excepts it, use certificates.")
        elif known:
            message = _unknown(value)
        else:
            message = _("The way the ends authenticate is not one that is known here.")
        more = {"table_13_1": profile.row(line_kind or _PLAIN_LINE)}
        yield rule.remark(level, message, facts(exchange.name, authentication=value), [value], more)


def algorithms(_profile: Profile, rule: Rule, device: DeviceConfiguration, _line_kind: str | None) -> Iterator[Judged]:
    """Yield a remark for every proposal, and for devices that take more than they list. Every proposal counts."""
    for exchange in device.exchanges or ():
        for proposal in exchange.proposals:
            yield _proposal(rule, exchange.name, proposal)
        if exchange.beyond.value:
            yield rule.remark(
                rule.levels["beyond"],
                _("The device also takes algorithms that are not listed here, if the other end proposes them."),
                facts(exchange.name, beyond=exchange.beyond),
                [exchange.beyond],
            )
        elif not exchange.proposals:
            yield rule.remark(Level.UNKNOWN, _("No proposals were found."), _plain(exchange))
    for proposal in device.proposals:
        yield _proposal(rule, "", proposal)


def _plain(exchange: KeyExchange) -> dict[str, Json]:
    return {"name": exchange.name, "lines": list(exchange.lines)}


def _proposal(rule: Rule, exchange: str, proposal: Proposal) -> Judged:
    parts = {
        "encryption": proposal.encryption,
        "integrity": proposal.integrity,
        "prf": proposal.prf,
        "groups": proposal.groups,
    }
    present = {name: part for name, part in parts.items() if part.value is not None}
    names = {word for part in present.values() for word in part.value or ()}
    refused = sorted(names.intersection(rule.expected["refused"]))
    strange = sorted(names.difference(rule.expected["recommended"], refused))
    missing = [name for name in _needed(proposal) if parts[name].value is None]
    supposed = [part for part in present.values() if part.lines == () and part.source]
    observed = {**facts(proposal.name, **present), "exchange": exchange, "lines": list(proposal.lines)}
    guilty = [part for part in present.values() if set(part.value or ()) & set(refused)]
    if refused:
        message = _(
            "These algorithms are no longer safe or not recommended: %(algorithms)s", algorithms=", ".join(refused)
        )
        return rule.remark(rule.levels["broken"], message, observed, guilty)
    if strange:
        message = _("It is not known here whether these are recommended: %(algorithms)s", algorithms=", ".join(strange))
        return rule.remark(Level.UNKNOWN, message, observed, supposed)
    if missing or supposed:
        return rule.remark(
            Level.UNKNOWN, _("Not all algorithms of this proposal are written down."), observed, supposed
        )
    return rule.remark(Level.OK, _("All algorithms of this proposal are recommended."), observed)


def _needed(proposal: Proposal) -> list[str]:
    """Return what must be known of a proposal: an authenticated encryption needs no integrity of its own."""
    ciphers = set(proposal.encryption.value or ())
    needed = ["encryption", "groups"] if proposal.phase is Phase.IKE else ["encryption"]
    return needed if ciphers and ciphers <= _AUTHENTICATED else [*needed, "integrity"]


def other_kinds(_profile: Profile, rule: Rule, device: DeviceConfiguration, _line_kind: str | None) -> Iterator[Judged]:
    """Yield a remark for every VPN that table 13-1 does not call conforming."""
    for vpn in device.other_vpns or ():
        observed: dict[str, Json] = {"name": vpn.name, "kind": vpn.kind, "lines": list(vpn.lines)}
        if vpn.kind in rule.expected["refused"]:
            message = _("A VPN of the kind %(kind)s is set up; it is not among those that conform.", kind=vpn.kind)
            yield rule.remark(rule.levels["broken"], message, observed)
        else:
            message = _("A VPN of the kind %(kind)s is set up; what it protects is not known here.", kind=vpn.kind)
            yield rule.remark(Level.UNKNOWN, message, observed)


def transit(_profile: Profile, rule: Rule, device: DeviceConfiguration, _line_kind: str | None) -> Iterator[Judged]:
    """Yield a remark where other facilities might reach each other through this device."""
    for relay in device.relays or ():
        observed: dict[str, Json] = {"from": relay.source, "to": relay.target, "lines": list(relay.lines)}
        message = _(
            "Traffic may pass from the VPN %(source)s to the VPN %(target)s through this device.",
            source=relay.source,
            target=relay.target,
        )
        yield rule.remark(rule.levels["broken"], message, observed)
    exchanges = device.exchanges or ()
    if len(exchanges) > 1 and not device.relays:
        observed = {"name": ", ".join(each.name for each in exchanges), "lines": []}
        message = _("Several VPNs end here; whether they can reach each other cannot be told from what was read.")
        yield rule.remark(Level.UNKNOWN, message, observed)


def ipv6_tunnels(
    _profile: Profile, rule: Rule, device: DeviceConfiguration, _line_kind: str | None
) -> Iterator[Judged]:
    """Yield a remark for every tunnel that joins IPv6 and IPv4: its risks are to be examined."""
    for tunnel in device.ipv6_tunnels or ():
        observed: dict[str, Json] = {"name": tunnel.name, "kind": tunnel.kind, "lines": list(tunnel.lines)}
        if tunnel.kind in rule.expected["carrier"]:
            message = _(
                "A tunnel of the access line joins IPv4 and IPv6 (%(kind)s); examine its risks.", kind=tunnel.kind
            )
            yield rule.remark(rule.levels["carrier"], message, observed)
        else:
            message = _(
                "A tunnel joins IPv4 and IPv6 (%(kind)s); whether its risks were examined cannot be seen here.",
                kind=tunnel.kind,
            )
            yield rule.remark(rule.levels["broken"], message, observed)
