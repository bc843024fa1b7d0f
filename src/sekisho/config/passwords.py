"""How passwords are hashed: Argon2id at OWASP's values, so that all web threads at once stay small in memory."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class SmallArgon2Hasher(Argon2PasswordHasher):
    """Argon2id with 19 MiB, two passes and one lane.

    Django's own 100 MiB a hash would let four sign-ins at the same moment take most of a small server.
    A hash made with other values is still checked with those, which it carries itself.
    """

    time_cost = 2
    memory_cost = 19 * 1024  # KiB
    parallelism = 1
