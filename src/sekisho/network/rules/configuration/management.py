"""The rules of item 5 about the management of a device: reachable from outside, in the clear, by default passwords."""

from collections.abc import Iterator

from sekisho.kernel.canonical import Json
from sekisho.kernel.text import Text, _
from sekisho.network.rules.configuration.profile import Profile, Rule, facts, level_of
from sekisho.network.rules.device_configuration import Access, DeviceConfiguration, Zone
from sekisho.network.rules.judged import Judged, Level


def exposure(_profile: Profile, rule: Rule, device: DeviceConfiguration, _line_kind: str | None) -> Iterator[Judged]:
    """Yield a remark for every management service on every interface, and one if nothing of it can be seen."""
    for access in device.accesses or ():
        level, message = _exposure(rule, access)
        observed = {
            **facts(access.interface, allowed=access.allowed, limited=access.limited, guarded=access.guarded),
            "service": access.service,
            "zone": access.zone.value,
            "outside": list(device.outside.value or ()),
        }
        yield rule.remark(level, message, observed, [access.allowed])
    if not device.accesses:
        message = _("This kind of file, or what was handed in of it, does not show how the device is managed.")
        yield rule.remark(Level.UNKNOWN, message, {"dialect": device.dialect.value})


def _exposure(rule: Rule, access: Access) -> tuple[Level, Text]:
    """Return what one service on one interface comes to. A filter that was not worked out leaves the question open."""
    allowed = access.allowed
    if allowed.value is False:
        return level_of(allowed, holds=True, broken=Level.NG), _("This service is off.")
    if allowed.value is None:
        return Level.UNKNOWN, _("Whether this service answers is not written in the configuration.")
    if access.zone is Zone.LAN:
        return Level.OK, _("This service answers inside only.")
    if access.zone is Zone.UNKNOWN:
        return Level.UNKNOWN, _("This service answers, and which way the interface faces cannot be told.")
    if access.limited.value and access.service in rule.expected["encrypted"]:
        return rule.levels["limited"], _(
            "This service answers to listed addresses outside; check that each is permitted."
        )
    if access.guarded.value:
        return rule.levels["guarded"], _("A filter stands before this service; look from outside whether it answers.")
    return rule.levels["broken"], _("This management service can be reached from outside.")


def plain_text(_profile: Profile, rule: Rule, device: DeviceConfiguration, _line_kind: str | None) -> Iterator[Judged]:
    """Yield a remark for every service inside that carries passwords in the clear; outside it is exposed anyway."""
    for access in device.accesses or ():
        if access.allowed.value and access.zone is not Zone.WAN and access.service in rule.expected["refused"]:
            observed = {**facts(access.interface, allowed=access.allowed), "service": access.service}
            message = _("Management by %(service)s sends passwords in the clear.", service=access.service)
            yield rule.remark(rule.levels["broken"], message, observed)


def snmp(_profile: Profile, rule: Rule, device: DeviceConfiguration, _line_kind: str | None) -> Iterator[Judged]:
    """Yield a remark for every version of SNMP that answers."""
    for entry in device.snmp or ():
        value = entry.default_community
        observed: dict[str, Json] = {
            **facts(entry.name, default_community=value, encrypted=entry.encrypted),
            "version": entry.version,
            "lines": list(entry.lines),
        }
        if entry.version in rule.expected["versions"]:
            level = level_of(entry.encrypted, holds=entry.encrypted.value is True, broken=rule.levels["old"])
            yield rule.remark(level, _version_3(level), observed, [entry.encrypted])
        elif value.value:
            message = _("SNMP answers to a community that everybody knows.")
            yield rule.remark(rule.levels["broken"], message, observed, [value])
        elif value.value is None:
            message = _("SNMP answers without encryption, and whether its community is well known cannot be told.")
            yield rule.remark(Level.UNKNOWN, message, observed)
        else:
            message = _("SNMP answers without encryption; version 3 is better.")
            yield rule.remark(rule.levels["old"], message, observed)


def _version_3(level: Level) -> Text:
    if level is Level.OK:
        return _("SNMP answers in version 3, encrypted.")
    if level is Level.UNKNOWN:
        return _("SNMP answers in version 3; whether it encrypts is not written in the configuration.")
    return _("SNMP answers in version 3 without encryption.")


def passwords(_profile: Profile, rule: Rule, device: DeviceConfiguration, _line_kind: str | None) -> Iterator[Judged]:
    """Yield a remark for every password of the device."""
    for entry in device.passwords or ():
        value = entry.weakness
        holds = value.value not in rule.expected["refused"]
        level = level_of(value, holds=holds, broken=rule.levels["broken"])
        if not holds:
            message = _("The password is blank or one that everybody knows.")
        elif level is Level.OK:
            message = _("The password is none of the well-known ones.")
        elif value.lines:
            message = _("The password is stored encrypted or masked; whether it is a default cannot be told.")
        else:
            message = _("No password is written in the configuration; whether one is set cannot be told.")
        yield rule.remark(level, message, facts(entry.name, weakness=value), [value])
