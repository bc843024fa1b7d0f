"""The remarks about TLS by code: what each is about, and what it says when all is well or is not."""

from typing import NamedTuple

from sekisho.kernel.text import Text, _

CANNOT_TELL = _("%(what)s: this could not be told (%(why)s).")


class Texts(NamedTuple):
    """The texts of one code. ``wrong`` may hold ``%(seen)s``, what was seen, and ``%(asked)s``, what is asked for."""

    title: Text
    fine: Text
    wrong: Text


TEXTS: dict[str, Texts] = {
    # These two are never judged, only missing.
    "UNREACHABLE": Texts(_("Connection"), _("Connection"), _("Connection")),
    "CERT": Texts(_("Certificate"), _("Certificate"), _("Certificate")),
    "NO-TLS": Texts(_("TLS"), _("TLS"), _("The endpoint answers without TLS: %(seen)s")),
    "TLS13-MISSING": Texts(_("TLS 1.3"), _("TLS 1.3 is offered."), _("TLS 1.3 is not offered.")),
    "TLS12": Texts(_("TLS 1.2"), _("TLS 1.2 is turned away."), _("TLS 1.2 is still offered.")),
    "TLS-OLD": Texts(
        _("Old versions"), _("TLS 1.1 and everything older is turned away."), _("Old versions are offered: %(seen)s")
    ),
    "SUITE": Texts(
        _("Cipher suites"),
        _("All cipher suites offered are allowed ones."),
        _("Cipher suites that are not allowed are offered: %(seen)s"),
    ),
    "CRYPTREC": Texts(
        _("e-Government recommended ciphers"),
        _("All algorithms of the suites offered are on the e-Government recommended list."),
        _("Algorithms that are not on the e-Government recommended list are offered: %(seen)s"),
    ),
    "ORDER": Texts(
        _("Order of cipher suites"),
        _("The server decides the order of cipher suites."),
        _("The client decides the order of cipher suites (%(seen)s)."),
    ),
    "PRIORITY": Texts(
        _("Priority of cipher suites"),
        _("Suites of 256 bits come before those of 128 bits."),
        _("Suites of 128 bits come before those of 256 bits (%(seen)s)."),
    ),
    "GROUP": Texts(
        _("Groups of the key exchange"),
        _("All groups of the key exchange are strong enough."),
        _("The key exchange takes groups that are too weak or unknown: %(seen)s"),
    ),
    "DH-BITS": Texts(
        _("Length of Diffie-Hellman keys"),
        _("Diffie-Hellman keys are long enough, or not used."),
        _("Diffie-Hellman keys of %(seen)s bits are used; at least %(asked)s are needed."),
    ),
    "COMPRESSION": Texts(
        _("Compression"), _("TLS compression is off."), _("TLS compression is on, which gives secrets away.")
    ),
    "RENEGOTIATION": Texts(
        _("Renegotiation"),
        _("Renegotiation is secure, or does not exist."),
        _("Renegotiation is insecure (RFC 5746 is not supported)."),
    ),
    "DOWNGRADE": Texts(
        _("Protection against downgrades"),
        _("Clients notice when they are forced to an older version."),
        _("Clients do not notice when they are forced to an older version."),
    ),
    "CERT-KEY": Texts(
        _("Key of the certificate"),
        _("The keys of the certificates are long enough."),
        _("Certificates have keys that are too short or of a kind that is not allowed: %(seen)s"),
    ),
    "CERT-SIG": Texts(
        _("Signature of the certificate"),
        _("The certificates are signed with a hash that is allowed."),
        _("Certificates are signed with a hash that is not allowed: %(seen)s"),
    ),
    "CERT-EXPIRED": Texts(
        _("Validity of the certificate"),
        _("The certificate is valid today."),
        _("The certificate is not valid today (%(seen)s)."),
    ),
    "CERT-CHAIN": Texts(
        _("Validity of the authorities' certificates"),
        _("The certificates of authorities that are sent along are valid today."),
        _("Certificates of authorities are sent along that are not valid today: %(seen)s"),
    ),
    "CERT-SOON": Texts(
        _("End of the certificate"),
        _("The certificate is valid for a good while yet."),
        _("The certificate ends on %(seen)s. Order the next one."),
    ),
    "CERT-2031": Texts(
        _("Strength of the key over the years"),
        _("The keys are strong enough until the certificates end."),
        _("Keys of 112-bit strength such as RSA-2048 are for use until the end of 2030, but are used longer: %(seen)s"),
    ),
    "CERT-NAME": Texts(
        _("Name in the certificate"),
        _("The certificate names the endpoint."),
        _("The certificate is not for %(asked)s but for: %(seen)s"),
    ),
    "CA-UNKNOWN": Texts(
        _("Certificate authority"),
        _("The certificate comes from the authority that is expected."),
        _("The certificate does not come from the authority registered for this endpoint: %(seen)s"),
    ),
}

PRIVATE_AUTHORITY = _(
    "The certificate comes from no authority that this machine knows (%(seen)s). If it is a private one, register its"
    " certificate for this endpoint."
)
