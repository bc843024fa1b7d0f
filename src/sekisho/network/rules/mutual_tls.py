"""Whether an endpoint insists on client certificates (MHLW 13⑥, ⑫), from what three attempts showed."""

from enum import StrEnum

from sekisho.kernel.text import Text, _
from sekisho.network.rules.judged import Judged, Level
from sekisho.network.rules.observation import Attempt, Ending, MutualObservation, Way, Why
from sekisho.network.rules.tls_texts import CANNOT_TELL

_SOURCE = "MHLW guideline 7.0 (draft), system operation, 13⑥ and 13⑫"
_FOOTNOTE = "MHLW guideline 7.0 (draft), system operation, 13.3.1 and its footnote 10"
# Alerts about certificates (RFC 8446, 6.2), as OpenSSL names them; the last, a general one, was usual before TLS 1.3.
_ABOUT_CERTIFICATES = {
    "certificate_required", "bad_certificate", "unknown_ca", "certificate_unknown", "unsupported_certificate",
    "certificate_expired", "certificate_revoked", "access_denied", "no_certificate", "handshake_failure",
}  # fmt: skip
# What nginx says when it lets the handshake pass and refuses the request.
_NGINX_SAYS = ("No required SSL certificate was sent", "The SSL certificate error")
_NGINX_CODES = {495, 496}
_MAYBE_REFUSED = {400, 403}

TITLES: dict[str, Text] = {
    "MTLS-REACHED": _("Connection"),
    "MTLS-REQUIRED": _("Connections without a client certificate"),
    "MTLS-FOREIGN": _("Connections with a foreign client certificate"),
    "MTLS-REGISTERED": _("Connections with the registered client certificate"),
    "SERVER-CERT-AS-CLIENT": _("Kind of the client certificate"),
}


class Reading(StrEnum):
    """What an attempt means."""

    LET_IN = "let_in"
    REFUSED = "refused"
    UNCLEAR = "unclear"


def reading(seen: MutualObservation, way: Way) -> Reading:
    """Return what the attempt with ``way`` means.

    A status of 400 or 403, or a connection that is just closed, has many causes; they count as a refusal only where the
    registered certificate was let in at the same moment.
    """
    attempt = seen.attempts.get(way)
    if attempt is None or attempt.ending is Ending.FAILED:
        return Reading.UNCLEAR
    alone = _alone(attempt, requested=seen.requested)
    if alone is Reading.UNCLEAR and way is not Way.REGISTERED and _maybe_refused(attempt) and seen.requested:
        registered = seen.attempts.get(Way.REGISTERED)
        if registered and _alone(registered, requested=seen.requested) is Reading.LET_IN:
            return Reading.REFUSED
    return alone


def _alone(attempt: Attempt, *, requested: bool | None) -> Reading:
    match attempt.ending:
        case Ending.ALERT if requested and attempt.alert in _ABOUT_CERTIFICATES:
            return Reading.REFUSED
        case Ending.KEPT:
            return Reading.LET_IN
        case Ending.ANSWERED if attempt.status is None:
            return Reading.LET_IN
        case Ending.ANSWERED:
            return _by_status(attempt, requested=requested)
    return Reading.UNCLEAR


def _by_status(attempt: Attempt, *, requested: bool | None) -> Reading:
    if attempt.status in _NGINX_CODES or (attempt.status == 400 and any(text in attempt.said for text in _NGINX_SAYS)):
        return Reading.REFUSED if requested else Reading.UNCLEAR
    return Reading.UNCLEAR if attempt.status in _MAYBE_REFUSED else Reading.LET_IN


def _maybe_refused(attempt: Attempt) -> bool:
    return attempt.ending is Ending.CLOSED or attempt.status in _MAYBE_REFUSED


def required(seen: MutualObservation) -> bool | None:
    """Tell whether nobody gets in without a client certificate. None: cannot be told."""
    match reading(seen, Way.NONE):
        case Reading.LET_IN:
            return False
        case Reading.REFUSED:
            return True
    return None


def judge_mutual_tls(seen: MutualObservation, *, let_in_elsewhere: bool = False) -> tuple[Judged, ...]:
    """Return every remark about one endpoint. An attempt that was not made or is not clear is UNKNOWN, never fine.

    A machine elsewhere has no client certificate to try: ``let_in_elsewhere`` tells that the registered one was let in
    by this endpoint when it was tried from inside.
    """
    if not seen.reachable:
        return (_cannot_tell("MTLS-REACHED", seen.why.get("reachable", Why.NOT_TRIED)),)
    remarks = [_none(seen), _foreign(seen)]
    if Way.REGISTERED in seen.attempts or not let_in_elsewhere:
        remarks.append(_registered(seen))
    if seen.certificate is not None:
        remarks.append(_kind(seen))
    return tuple(remarks)


def _none(seen: MutualObservation) -> Judged:
    match required(seen):
        case True:
            text = _("Nobody gets in without a client certificate.")
            return _remark("MTLS-REQUIRED", Level.OK, text, seen, Way.NONE)
        case False:
            text = _("The endpoint lets clients in without a certificate.")
            return _remark("MTLS-REQUIRED", Level.NG, text, seen, Way.NONE)
    return _cannot_tell("MTLS-REQUIRED", _why(seen, Way.NONE))


def _foreign(seen: MutualObservation) -> Judged:
    match reading(seen, Way.FOREIGN):
        case Reading.REFUSED:
            text = _("A certificate of an unknown authority is refused.")
            return _remark("MTLS-FOREIGN", Level.OK, text, seen, Way.FOREIGN)
        case Reading.LET_IN:
            text = _("The endpoint takes a certificate of any authority.")
            return _remark("MTLS-FOREIGN", Level.NG, text, seen, Way.FOREIGN)
    return _cannot_tell("MTLS-FOREIGN", _why(seen, Way.FOREIGN))


def _registered(seen: MutualObservation) -> Judged:
    if reading(seen, Way.REGISTERED) is Reading.LET_IN:
        text = _("The registered client certificate is let in.")
        return _remark("MTLS-REGISTERED", Level.OK, text, seen, Way.REGISTERED)
    # A server that refuses everybody shows nothing about whom it would let in.
    if Way.REGISTERED not in seen.attempts:
        text = _(
            "No registered client certificate was tried, so it cannot be told whether anybody is let in. Register one"
            " for this endpoint."
        )
        return Judged("MTLS-REGISTERED", Level.UNKNOWN, text, None, Reading.LET_IN.value, _SOURCE)
    text = _("The registered client certificate was not let in, so what the endpoint goes by cannot be told.")
    return _remark("MTLS-REGISTERED", Level.UNKNOWN, text, seen, Way.REGISTERED)


def _kind(seen: MutualObservation) -> Judged:
    """Judge what the registered certificate was issued for: a public server certificate is not for clients."""
    purposes = seen.certificate.purposes if seen.certificate else None
    if purposes is None:
        return _cannot_tell("SERVER-CERT-AS-CLIENT", Why.UNREADABLE)
    if purposes and not {"clientAuth", "anyExtendedKeyUsage"} & set(purposes):
        return _about_kind(Level.NG, _("The client certificate was not issued for clients."), purposes)
    if "serverAuth" not in purposes or seen.public is False:
        level = Level.WARN if "serverAuth" in purposes else Level.OK
        text = (
            _("The client certificate is a server certificate as well.")
            if level is Level.WARN
            else _("The client certificate is one for clients.")
        )
        return _about_kind(level, text, purposes)
    if seen.public:
        text = _("A public authority's server certificate is used as a client certificate.")
        return _about_kind(Level.NG, text, purposes)
    return _cannot_tell("SERVER-CERT-AS-CLIENT", Why.NO_STORE)


def _about_kind(level: Level, text: Text, purposes: tuple[str, ...]) -> Judged:
    return Judged("SERVER-CERT-AS-CLIENT", level, text, list(purposes), ["clientAuth"], _FOOTNOTE)


def _remark(code: str, level: Level, text: Text, seen: MutualObservation, way: Way) -> Judged:
    attempt = seen.attempts[way]
    observed = {"ending": attempt.ending.value, "alert": attempt.alert, "status": attempt.status, "said": attempt.said}
    expected = Reading.LET_IN if way is Way.REGISTERED else Reading.REFUSED
    return Judged(code, level, text, observed, expected.value, _SOURCE)


def _why(seen: MutualObservation, way: Way) -> Why:
    attempt = seen.attempts.get(way)
    if attempt is None:
        return Why.NOT_TRIED
    return attempt.why or Why.AMBIGUOUS


def _cannot_tell(code: str, why: Why) -> Judged:
    text = CANNOT_TELL.with_params(what=TITLES[code], why=why.label)
    return Judged(code, Level.UNKNOWN, text, None, None, _SOURCE)
