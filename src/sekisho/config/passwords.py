"""How passwords are hashed: Argon2id, slow enough for whoever steals the hashes, small for all web threads at once."""

from django.contrib.auth.hashers import Argon2PasswordHasher

PASSES = 12  # about 130 ms of processor; between 100 and 250 ms on the small servers of clinics


class SmallArgon2Hasher(Argon2PasswordHasher):
    """Argon2id with 19 MiB, twelve passes and one lane: OWASP's memory, six times its passes.

    Django's own 100 MiB a hash would let four sign-ins at the same moment take most of a small server; here the web
    worker's four threads take 76 MiB, however many people wait. A hash made with other values is still checked with
    those, which it carries itself.
    """

    time_cost = PASSES
    memory_cost = 19 * 1024  # KiB
    parallelism = 1
