"""What is wrong with the platform itself, as people have to hear of it."""

import shutil
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from cryptography import x509

from sekisho.config.environment import Environment, environment
from sekisho.config.https.own import CertificateRefused, examine, in_use
from sekisho.config.processes.caddy import root_certificate, server_certificate
from sekisho.config.queries import days_left_on_disk
from sekisho.kernel.dates import in_facility
from sekisho.kernel.ports import Grade, Trouble, Troubled
from sekisho.register.queries import log_state

# Below this the disk is nearly full, whatever the forecast says.
LEAST_FREE = 1024**3
_SOON_DAYS, _LATER_DAYS = 7, 30
# From how many days before the end of a certificate on people hear of it, and how loudly.
REMINDERS = ((60, Grade.KNOW), (30, Grade.KNOW), (14, Grade.WEEK), (7, Grade.DAY))


def troubles(now: datetime) -> Sequence[Troubled]:
    """Return what is wrong at ``now``, as far as it can be seen."""
    settings = environment()
    return [*_register(now), *_disk(settings, now), *_certificates(settings, now), *_refused(settings, now)]


def _register(now: datetime) -> Iterator[Troubled]:
    state = log_state()
    if state.fault is not None:
        yield Troubled(Trouble.LOG, Grade.NOW, now, parts=frozenset({state.fault.code}))
    if state.stall is not None:
        yield Troubled(Trouble.REGISTER, Grade.NOW, state.oldest or now)


def _disk(settings: Environment, now: datetime) -> Iterator[Troubled]:
    free = shutil.disk_usage(settings.home).free
    left = days_left_on_disk(free, now)
    if free < LEAST_FREE:
        yield Troubled(Trouble.DISK, Grade.NOW, now)
    elif left is not None and left <= _LATER_DAYS:
        yield Troubled(Trouble.DISK, Grade.DAY if left <= _SOON_DAYS else Grade.WEEK, now)


def _certificates(settings: Environment, now: datetime) -> Iterator[Troubled]:
    """Yield the certificates that end soon: all of the facility's own file, or Caddy's root and what it shows now.

    What Caddy makes itself lives for hours and is renewed by it; only that it is over tells anything.
    """
    own = in_use(settings)
    if own is not None:
        for number, one in enumerate(own.chain):
            yield from _ending(f"own-{number}", one.not_valid_after_utc, now)
        return
    for about, path in (("root", root_certificate(settings)), ("server", server_certificate(settings))):
        if path.is_file():
            end = x509.load_pem_x509_certificates(path.read_bytes())[0].not_valid_after_utc
            if about == "root" or end <= now:
                yield from _ending(about, end, now)


def _ending(about: str, end: datetime, now: datetime) -> Iterator[Troubled]:
    reached = [(days, grade) for days, grade in REMINDERS if end - now <= timedelta(days=days)]
    if reached:
        grade = Grade.NOW if end <= now else max(grade for _days, grade in reached)
        parts = frozenset(str(days) for days, _grade in reached)
        yield Troubled(Trouble.CERTIFICATE, grade, now, about, parts, in_facility(end).date())


def _refused(settings: Environment, now: datetime) -> Iterator[Troubled]:
    if settings.tls_certificate is None:
        return
    try:
        examine(settings)
    except CertificateRefused as error:
        yield Troubled(Trouble.CERTIFICATE_REFUSED, Grade.DAY, now, parts=frozenset({error.refusal.value}))
