"""The ways in which a head of the log leaves this computer: a folder elsewhere, syslog, witnesses, time stamps."""

import base64
import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

from sekisho.kernel import clock
from sekisho.kernel.dates import in_facility
from sekisho.register.errors import HeadForeign, HeadNotKept
from sekisho.register.log.files import Disk
from sekisho.register.log.heads import Standing, compare, read_held
from sekisho.register.log.rotations import keys_of
from sekisho.register.log.tree import Tree
from sekisho.register.log.witness_policy import LARGEST_POLICY, PolicyBroken, WitnessAddress, read_witnesses
from sekisho.register.services.posting import post
from sekisho.register.services.syslog import Collector, send, write_message
from sekisho.register.services.witnesses import ask_witness
from sekisho.trust.notes import LARGEST_NOTE, Checkpoint
from sekisho.trust.timestamps import QUERY_TYPE, StampBroken, ask_for, read_roots, verify_stamp

FOLDER, SYSLOG, STAMP, POLICY, WITNESS = "folder", "syslog", "stamp", "policy", "witness:"
MISSING, SAME_DISK, NOT_WRITABLE = "missing", "same_disk", "not_writable"
BAD_POLICY, BAD_ROOTS, BAD_STAMP = "bad_policy", "bad_roots", "bad_stamp"
STAMPS = "timestamps"
BEAT = timedelta(minutes=5)
DAY = timedelta(days=1)
_SUFFIX = ".checkpoint"
_LOOKED_AT = 3
_OK = 200


@dataclass(frozen=True, slots=True)
class Offer:
    """The head to be kept, as it is published, with the log to prove it from. ``known`` is what the place has."""

    note: bytes
    head: Checkpoint
    tree: Tree
    known: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """A way out: ``keep`` returns a witness's cosignature or nothing, and raises HeadNotKept or LogFault.

    It is used at most once per ``every``, and ``retry`` after a failure; ``always`` also when it has this head already.
    """

    name: str
    keep: Callable[[Offer], str]
    every: timedelta = timedelta(0)
    retry: timedelta = timedelta(0)
    always: bool = False


def configured_places() -> list[Place]:
    """Return the ways out that the settings name."""
    found = []
    if settings.HEADS_FOLDER:
        found.append(Place(FOLDER, partial(_keep_in_folder, settings.HEADS_FOLDER), always=True))
    if settings.HEADS_SYSLOG:
        found.append(Place(SYSLOG, _send_by_syslog, every=BEAT - timedelta(seconds=30)))
    if settings.TSA_URL:
        found.append(Place(STAMP, _stamp, every=DAY - timedelta(minutes=5), retry=timedelta(hours=1)))
    return found + _witness_places()


def _witness_places() -> list[Place]:
    if not settings.WITNESS_POLICY:
        return []
    try:
        with settings.WITNESS_POLICY.open(encoding="utf8") as file:
            witnesses = read_witnesses(file.read(LARGEST_POLICY + 1))
    except (OSError, UnicodeDecodeError, PolicyBroken):
        return [Place(POLICY, _refuse_policy, always=True)]
    return [Place(f"{WITNESS}{one.name}"[:220], _asking(one)) for one in witnesses]


def _refuse_policy(_offer: Offer) -> str:
    raise HeadNotKept(place=settings.WITNESS_POLICY, reason=BAD_POLICY)


def _asking(witness: WitnessAddress) -> Callable[[Offer], str]:
    def ask(offer: Offer) -> str:
        return ask_witness(witness, offer.note, offer.head, offer.tree, offer.known, settings.HEADS_CA).line

    return ask


def _keep_in_folder(folder: Path, offer: Offer) -> str:
    """Keep today's newest head in a file of today, after the newest files there were held against the log."""
    if not folder.is_dir():
        raise HeadNotKept(place=folder, reason=MISSING)
    for path in _kept_files(folder, offer.head.origin)[:_LOOKED_AT]:
        standing = _standing(path, offer)
        if standing not in {None, Standing.CONSISTENT}:
            raise HeadNotKept(place=path, reason=str(standing))
    disk, name = Disk(folder), f"{_stem(offer.head.origin)}-{in_facility(clock.now()):%Y%m%d}{_SUFFIX}"
    try:
        if disk.read(name) != offer.note:
            write_durably(disk, name, offer.note)
    except OSError as error:
        raise HeadNotKept(place=folder, reason=NOT_WRITABLE) from error
    if device_of(folder) == device_of(settings.REGISTER_FOLDER):
        raise HeadNotKept(place=folder, reason=SAME_DISK)
    return ""


def _kept_files(folder: Path, origin: str) -> list[Path]:
    return sorted(folder.glob(f"{_stem(origin)}-*{_SUFFIX}"), reverse=True)


def _standing(path: Path, offer: Offer) -> Standing | None:
    """Say what a kept file says of the log; None where it is no head of it."""
    try:
        if path.stat().st_size > LARGEST_NOTE:
            return None
        keys = keys_of(Disk(settings.REGISTER_FOLDER), settings.REGISTER_PUBLIC_KEY)
        held = read_held(path.read_bytes(), keys, offer.head.origin)
    except (OSError, HeadForeign):
        return None
    return compare(offer.tree, held)


def _stem(origin: str) -> str:
    return f"sekisho-{origin.rpartition('/')[2][:8]}"


def device_of(folder: Path) -> int:
    """Return the number of the file system that a folder lies on."""
    return folder.stat().st_dev


def write_durably(disk: Disk, name: str, data: bytes) -> None:
    """Put a file in the place of what had its name, so that always one of the two is whole there. Raises OSError."""
    disk.store(f"{name}.new", data)
    disk.rename(f"{name}.new", name)
    disk.sync_folder("")


def _send_by_syslog(offer: Offer) -> str:
    parts = urlsplit(settings.HEADS_SYSLOG)
    collector = Collector(parts.scheme, parts.hostname or "", parts.port or 0, settings.HEADS_CA)
    head, note = offer.head, base64.b64encode(own_note(offer.note)).decode()
    words = f"origin={head.origin} size={head.size} root={head.root.hex()} note={note}"
    send(collector, write_message(words, "register-head", socket.gethostname(), clock.now()))
    return ""


def own_note(note: bytes) -> bytes:
    """Return a checkpoint with the log's own signature only, which stands first: short enough for a datagram."""
    text, _blank, lines = note.rpartition(b"\n\n")
    return text + b"\n\n" + lines.split(b"\n")[0] + b"\n"


def _stamp(offer: Offer) -> str:
    """Have the text of the checkpoint stamped, and keep the answer and the checkpoint beside the log."""
    try:
        roots = read_roots(settings.TSA_ROOTS.read_bytes()) if settings.TSA_ROOTS else []
    except (OSError, StampBroken) as error:
        raise HeadNotKept(place=settings.TSA_ROOTS, reason=BAD_ROOTS) from error
    if not roots:
        raise HeadNotKept(place=settings.TSA_URL, reason=BAD_ROOTS)
    message = offer.head.text().encode()
    question = ask_for(message)
    answer = post(settings.TSA_URL, question.body, QUERY_TYPE, ca=settings.HEADS_CA)
    if answer.status != _OK:
        raise HeadNotKept(place=settings.TSA_URL, reason=BAD_STAMP)
    try:
        verify_stamp(answer.body, message, question.nonce, roots)
    except StampBroken as error:
        raise HeadNotKept(place=settings.TSA_URL, reason=BAD_STAMP) from error
    folder = settings.REGISTER_FOLDER / STAMPS
    disk = Disk(folder)
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        write_durably(disk, f"{offer.head.size}{_SUFFIX}", offer.note)
        write_durably(disk, f"{offer.head.size}.tsr", answer.body)
    except OSError as error:
        raise HeadNotKept(place=folder, reason=NOT_WRITABLE) from error
    return ""
