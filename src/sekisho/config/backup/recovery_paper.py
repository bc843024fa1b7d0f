"""The paper of a recovery key: what may be read outside, and inside the key in groups to type and as a code to scan."""

import io

import segno

from sekisho.kernel.canonical import Json
from sekisho.kernel.text import _
from sekisho.trust.recovery import RecoveryKey
from sekisho.ui.paper import Frame, make_pdf

_TEMPLATE = "config/templates/config/recovery_key.typ"
_LINES_FOR_CHECKS = 6
_HEAD = "AGE-SECRET-KEY-1"
_GROUP, _IN_A_ROW = 6, 5


def recovery_paper(key: RecoveryKey, language: str) -> bytes:
    """Return the A4 to fold and seal, as PDF, in one language. Raises PaperFailed."""
    frame = Frame(title=str(_("Recovery key of the backup")), number=key.fingerprint, edition="", language=language)
    return make_pdf(_TEMPLATE, frame, _words(key))


def _words(key: RecoveryKey) -> dict[str, Json]:
    return {
        "fingerprint": key.fingerprint,
        "outside": str(_("Whoever holds this key reads every backup that is sealed to it. It opens nothing else.")),
        "check": [str(_("Day of the look")), str(_("Looked at by")), str(_("Intact?"))],
        "lines": _LINES_FOR_CHECKS,
        "fold": str(_("Fold here so that the secret is inside; close the edge and sign across it.")),
        "secret": str(_("Private key")),
        "code": _code(key.private),
        "groups": _groups(key.private),
        "steps": [
            str(_("Keep it in a safe, in another building than the server if possible, never on the server.")),
            str(_("To restore, give “sekisho backup restore” the generation, and type or scan this key when asked.")),
            str(_("Spaces and lower case do not matter. Afterwards make a new key, and take this one's line out.")),
        ],
    }


def _code(private: str) -> str:
    drawing = io.BytesIO()
    segno.make(private, error="m", micro=False).save(drawing, kind="svg", scale=4, border=4)
    return drawing.getvalue().decode()


def _groups(private: str) -> list[Json]:
    rest = private.removeprefix(_HEAD)
    groups = [rest[start : start + _GROUP] for start in range(0, len(rest), _GROUP)]
    return [[_HEAD], *(list[Json](groups[start : start + _IN_A_ROW]) for start in range(0, len(groups), _IN_A_ROW))]
