"""The bounds of a requirement in words: 13 characters or more, only these kinds."""

from collections.abc import Mapping

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sekisho.governance.rules.catalogue import Parameter
from sekisho.ui.parts import Words

# A name or value that stands in no table is shown as it is in the data: strange, but never wrong.
_NAMES: Mapping[str, Words] = {
    "authentication_factors": _("Factors of authentication"),
    "backup_generations": _("Generations of backups"),
    "backup_kinds": _("Kinds of backup media or methods"),
    "backup_protected_from_generation": _("Generation from which backups cannot be written to"),
    "cipher_list": _("Ciphers"),
    "idle_minutes_at_most": _("Time without use until the screen locks"),
    "idle_minutes_at_most_with_reason": _("Time without use until the screen locks, where there is a reason"),
    "ike_aggressive_mode_allowed": _("Aggressive mode of IKE allowed"),
    "ike_minimum_version": _("Version of IKE"),
    "ike_minimum_version_existing": _("Version of IKE of a line that exists already"),
    "ike_psk_allowed": _("Pre-shared keys of IKE allowed"),
    "password_letters_and_digits": _("Passwords hold letters and digits"),
    "password_minimum_single_factor": _("Length of a password that stands alone"),
    "password_minimum_two_factor": _("Length of a password beside a second factor"),
    "pin_minimum": _("Length of a PIN"),
    "remembered_days": _("Days for which it is remembered"),
    "ssl_vpn_types": _("Types of SSL-VPN"),
    "tls_minimum_version": _("Version of TLS"),
    "tls_minimum_version_with_reason": _("Version of TLS where there is a reason"),
    "tls_profile": _("Setting of TLS"),
    "two_factor_reference_date": _("Two factors as a rule from"),
    "waiting_days": _("Days for which an application may wait"),
    "wifi_security_allowed": _("Protection of the Wi-Fi"),
}
_UNITS: Mapping[str, Words] = {
    "characters": _("characters"),
    "digits": _("digits"),
    "factors": _("factors"),
    "generation": "",
    "generations": _("generations"),
    "kinds": _("kinds"),
    "minutes": _("minutes"),
    "version": "",
    "date": "",
}
_VALUES: Mapping[str, Words] = {
    "client": _("client type"),
    "e_government_recommended": _("on the e-Government recommended list of CRYPTREC"),
    "high_security": _("high-security type"),
    "wpa2_eap": "WPA2-EAP",
    "wpa3_eap": "WPA3-EAP",
    "wpa3_sae": "WPA3-SAE",
}


def bound_words(parameter: Parameter) -> tuple[str, str]:
    """Return the name of a bound and its limit in words."""
    return str(_NAMES.get(parameter.name, parameter.name)), _limit(parameter)


def parameter_words(name: str, value: str | bool | int | None) -> tuple[str, str]:
    """Return the name of a parameter that a check ran with, and its value, in words."""
    return str(_NAMES.get(name, name)), _value(value)


def _limit(parameter: Parameter) -> str:
    low, high = (_with_unit(value, parameter.unit) for value in (parameter.at_least, parameter.at_most))
    if low and high:
        return gettext("%(low)s to %(high)s") % {"low": low, "high": high}
    if low:
        return gettext("%(value)s or more") % {"value": low}
    if high:
        return gettext("%(value)s at most") % {"value": high}
    if parameter.one_of is not None:
        return gettext("only %(values)s") % {"values": gettext(", ").join(_value(value) for value in parameter.one_of)}
    return _value(parameter.equals)


def _with_unit(value: float | None, unit: str | None) -> str:
    if value is None:
        return ""
    words = str(_UNITS.get(unit or "", unit or ""))
    return gettext("%(number)s %(unit)s") % {"number": value, "unit": words} if words else str(value)


def _value(value: str | bool | int | None) -> str:
    match value:
        case bool():
            return gettext("Yes") if value else gettext("No")
        case str():
            return str(_VALUES.get(value, value))
    return str(value)
