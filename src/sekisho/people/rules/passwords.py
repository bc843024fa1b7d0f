"""What a login name and a password must be. Pure."""

import re
import unicodedata

from sekisho.kernel.errors import InvalidInput
from sekisho.kernel.text import _

# Guideline 14⑥(1): 13 characters where a password could ever stand alone; two factors are asked for all the same.
PASSWORD_MINIMUM = 13
PASSWORD_MAXIMUM = 200
_LOGIN_FORM = re.compile(r"[a-z0-9][a-z0-9._@-]{1,63}")
# Words that guessing programs try first; a password that is little more than one of them is guessed too.
_COMMON = (
    "password", "passw0rd", "p@ssw0rd", "administrator", "welcome", "letmein", "iloveyou", "qwerty", "hospital",
    "clinic", "sekisho", "byouin", "kango", "sakura",
)  # fmt: skip
_KEYBOARD_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "1234567890", "abcdefghijklmnopqrstuvwxyz")


class PasswordTooWeak(InvalidInput):
    """The password breaks the rule that ``reason`` states."""

    code = "people.password_too_weak"
    message = _("%(reason)s")


class LoginInvalid(InvalidInput):
    """The login name has a form that is not allowed."""

    code = "people.login_invalid"
    message = _(
        "A login name has 2 to 64 of these: a-z, 0-9, dot, underscore, hyphen, @. It begins with a letter or digit."
    )


def normalize_login(text: str) -> str:
    """Return the stored form of a login name (NFKC, lower case). Raises LoginInvalid."""
    login = unicodedata.normalize("NFKC", text).strip().lower()
    if not _LOGIN_FORM.fullmatch(login):
        raise LoginInvalid(field="login")
    return login


def normalize_password(text: str) -> str:
    """Return the form of a password that is hashed (NFKC, NIST SP 800-63B 5.1.1.2): any keyboard can type it."""
    return unicodedata.normalize("NFKC", text)


def check_password(password: str, *, about: tuple[str, ...]) -> None:
    """Raise PasswordTooWeak if ``password`` (normalized) can be guessed, also from words ``about`` its owner."""
    reason = _weakness(password, about)
    if reason is not None:
        raise PasswordTooWeak(field="password", reason=reason)


def _weakness(password: str, about: tuple[str, ...]) -> object | None:
    lowered = password.casefold()
    if len(password) < PASSWORD_MINIMUM:
        return _("The password needs at least %(minimum)s characters.", minimum=PASSWORD_MINIMUM)
    if len(password) > PASSWORD_MAXIMUM:
        return _("The password may have at most %(maximum)s characters.", maximum=PASSWORD_MAXIMUM)
    if not (re.search(r"[^\W\d_]", password) and re.search(r"\d", password)):
        return _("The password needs letters and digits.")
    if len(set(lowered)) < 6:
        return _("The password repeats too few characters.")
    if any(_tells_something(word) and word.casefold() in lowered for word in about):
        return _("The password contains your name, your login name or the facility's name.")
    if any(len(lowered.replace(word, "")) < PASSWORD_MINIMUM - 4 for word in _COMMON if word in lowered):
        return _("The password is little more than a common word.")
    if _mostly_a_row(lowered):
        return _("The password follows the keyboard or the alphabet.")
    return None


def _tells_something(word: str) -> bool:
    """Two letters are in every other word; two characters of a name are not."""
    return len(word) >= 3 or (len(word) == 2 and not word.isascii())


def _mostly_a_row(lowered: str) -> bool:
    """Tell whether runs of four or more neighbours make up more than half of the password."""
    in_runs = sum(1 for start in range(len(lowered) - 3) if _is_run(lowered[start : start + 4]))
    return in_runs * 2 > len(lowered)


def _is_run(four: str) -> bool:
    return any(four in row or four[::-1] in row for row in _KEYBOARD_ROWS) or len(set(four)) == 1
