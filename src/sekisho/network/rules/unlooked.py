"""What can be told of an endpoint that does not speak TLS, from its protocol alone."""

from sekisho.kernel.text import _
from sekisho.network.rules.judged import Judged, Level

_SOURCE = "MHLW guideline 7.0 (draft), system operation, 13⑥"
# In the clear by their nature: DICOM PS3.8 without a secure profile of PS3.15, MLLP, and LDAP (RFC 4511) before a
# registered StartTLS. What may be encrypted in its own way (SSH, RDP, SMB, databases) is not told from its name.
_CLEAR = {"dicom": "DICOM", "hl7": "HL7 (MLLP)", "ldap": "LDAP"}


def remark_unlooked(protocol: str, *, is_open: bool) -> Judged:
    """Return the remark about an endpoint of ``protocol``; ``is_open``: it is reached over an open network.

    It breaks the rule where everybody can read along; otherwise nothing can be told, and it never passes.
    """
    if protocol in _CLEAR and is_open:
        text = _(
            "%(protocol)s is not encrypted, and the endpoint is reached over an open network. Put it into TLS or a"
            " VPN.",
            protocol=_CLEAR[protocol],
        )
        return Judged("PLAIN-PROTOCOL", Level.NG, text, protocol, "TLS", _SOURCE)
    text = _(
        "Its protocol does not begin with TLS, so its encryption cannot be looked at. If it turns to TLS on request,"
        " register that (STARTTLS)."
    )
    return Judged("NOT-LOOKED-AT", Level.UNKNOWN, text, protocol, "TLS", _SOURCE)
