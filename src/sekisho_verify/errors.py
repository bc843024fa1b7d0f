"""What cannot be checked at all, and files that must not be read."""

from sekisho_verify.report import Value


class CannotCheck(Exception):
    """The check cannot go on; ``code`` names the text. Ends with exit code 2."""

    def __init__(self, code: str, **facts: Value) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


class Refused(Exception):
    """Something lies where a file of the log should be and is not one; ``code`` names the text."""

    def __init__(self, code: str, path: str) -> None:
        super().__init__(code)
        self.code = code
        self.path = path


class Malformed(Exception):
    """Bytes do not have the form that the specification asks for; ``code`` names the text."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
