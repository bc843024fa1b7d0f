"""One hash over everything that is kept of a configuration."""

import hashlib


def configuration_digest(sha256: str, normalised: str, read_model: str) -> str:
    """Return the SHA-256 over the file's hash and over what was kept of it: its lines and its meaning, both as JSON."""
    return hashlib.sha256("\0".join((sha256, normalised, read_model)).encode()).hexdigest()
