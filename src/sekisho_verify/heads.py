"""The log's own signature, heads that were kept elsewhere, and witnesses."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sekisho_verify.errors import CannotCheck, Malformed, Refused
from sekisho_verify.notes import MOST_NOTE_BYTES, Checkpoint, Key, Kind, names, parse_checkpoint, time_of
from sekisho_verify.policy import Policy
from sekisho_verify.report import Part, Report, State
from sekisho_verify.sources import Source
from sekisho_verify.tiles import Tiles
from sekisho_verify.times import written


@dataclass(frozen=True, slots=True)
class Head:
    """A head kept elsewhere: the file it came in, and what that holds."""

    file: str
    data: bytes


def read_checkpoint(source: Source) -> Checkpoint:
    """Return the checkpoint of a log. Raises CannotCheck where this is no log."""
    try:
        data = source.read("checkpoint", MOST_NOTE_BYTES)
    except Refused as refused:
        raise CannotCheck(refused.code, path=refused.path) from refused
    if data is None:
        raise CannotCheck("log.none")
    try:
        return parse_checkpoint(data)
    except Malformed as malformed:
        raise CannotCheck(malformed.code, path="checkpoint") from malformed


def check_signature(head: Checkpoint, keys: Sequence[Key], report: Report) -> bool:
    """Check who signed the checkpoint; return whether one of ``keys`` did."""
    report.looked_at(Part.SIGNATURE)
    said = [head.note.signed_by(key) for key in keys]
    if False in said:
        report.bad(Part.SIGNATURE, "signature.false", origin=head.origin)
    elif True not in said and head.origin in {key.name for key in keys}:
        report.bad(Part.SIGNATURE, "signature.none", origin=head.origin, keys=names(keys))
    elif True not in said:
        report.unknown(Part.SIGNATURE, "signature.other", origin=head.origin, keys=names(keys))
    elif head.origin not in {key.name for key, signed in zip(keys, said, strict=True) if signed}:
        report.unknown(Part.SIGNATURE, "signature.origin", origin=head.origin, keys=names(keys))
    return True in said and False not in said


def check_heads(
    head: Checkpoint, heads: Iterable[Head], keys: Sequence[Key], tiles: Tiles, report: Report
) -> list[tuple[str, Checkpoint]]:
    """Hold the log against heads kept elsewhere. Without one, truncation and rewriting cannot be told.

    Return the files and heads that the log agrees with.
    """
    good = [one for one in (_outside(each, head, keys, report) for each in heads) if one]
    agreed = [(file, outside) for file, outside in good if compare(file, outside, head, tiles, report)]
    if good:
        report.looked_at(Part.HEADS)
        report.facts["heads"] = len(good)
        report.facts["held_size"] = max(outside.size for _file, outside in good)
    elif report.parts.get(Part.HEADS) is None:
        report.unknown(Part.HEADS, "heads.none")
    return agreed


def _outside(each: Head, head: Checkpoint, keys: Sequence[Key], report: Report) -> tuple[str, Checkpoint] | None:
    try:
        outside = parse_checkpoint(each.data)
    except Malformed:
        report.unknown(Part.HEADS, "head.form", file=each.file)
        return None
    said = [outside.note.signed_by(key) for key in keys]
    if outside.origin != head.origin:
        report.unknown(Part.HEADS, "head.other", file=each.file, origin=outside.origin)
    elif True not in said or False in said:
        report.unknown(Part.HEADS, "head.signature", file=each.file)
    else:
        return each.file, outside
    return None


def compare(file: str, outside: Checkpoint, head: Checkpoint, tiles: Tiles, report: Report) -> bool:
    """Hold one head, whose signature is genuine, against the log; tell whether they agree."""
    if outside.size > head.size:
        report.bad(Part.HEADS, "head.larger", file=file, held=outside.size, size=head.size)
        return False
    try:
        root = head.root if outside.size == head.size else tiles.prefix(outside.size).root()
    except Refused as refused:
        report.unknown(Part.HEADS, "head.tiles", file=file, path=refused.path)
        return False
    if root == outside.root:
        return True
    if report.parts.get(Part.TREE) is State.BAD:  # the tiles themselves are not what was signed
        report.unknown(Part.HEADS, "head.unsure", file=file, held=outside.size)
    else:
        report.bad(Part.HEADS, "head.differs", file=file, held=outside.size)
    return False


def check_witnesses(
    head: Checkpoint, held: Iterable[tuple[str, Checkpoint]], policy: Policy | None, report: Report
) -> None:
    """Count the witnesses that cosigned the checkpoint, as the policy wants it.

    Those of agreeing heads kept elsewhere tell how far witnesses back the log; what came later they never saw.
    """
    if policy is None or policy.quorum == "none":
        report.parts.setdefault(Part.WITNESSES, State.NOT_ASKED)
        return
    report.looked_at(Part.WITNESSES)
    cosigned = _cosigned(head, policy, report)
    backed = [head.size] if policy.reached(cosigned) else []
    for file, one in held:
        if one.data != head.data and policy.reached(_cosigned_held(file, one, policy, report)):
            backed.append(one.size)
    if backed:
        report.facts["witnessed_size"] = max(backed)
    if not policy.reached(cosigned):
        report.unknown(Part.WITNESSES, "witness.quorum", quorum=policy.quorum, cosigned=len(cosigned))


def _cosigned_held(file: str, held: Checkpoint, policy: Policy, report: Report) -> set[str]:
    """Return who cosigned a head kept elsewhere. A false cosignature in it could be anybody's, and proves nothing."""
    said = {name: held.note.signed_by(key) for name, key in policy.witnesses.items()}
    cosigned = {name for name, true in said.items() if true}
    for name, true in said.items():
        if true is False:
            report.unknown(Part.WITNESSES, "head.cosignature", file=file, name=name)
    if cosigned:
        report.remark(Part.WITNESSES, "head.cosigned", file=file, held=held.size, witnesses=", ".join(sorted(cosigned)))
    return cosigned


def _cosigned(head: Checkpoint, policy: Policy, report: Report) -> set[str]:
    cosigned = set()
    for name, key in policy.witnesses.items():
        said = head.note.signed_by(key)
        if said is False:
            report.bad(Part.WITNESSES, "witness.false", name=name)
        elif said:
            cosigned.add(name)
            times = [time_of(one.value) for one in head.note.by(key)]
            report.remark(Part.WITNESSES, "witness.cosigned", name=name, time=written(max(times)))
    return cosigned


def keys_of_log(given: Iterable[Key], policy: Policy | None) -> list[Key]:
    """Return the keys that may have signed: those given, else those of the policy. Raises CannotCheck."""
    keys = list(given)
    if any(key.kind != Kind.ED25519 for key in keys):
        raise CannotCheck("key.kind")
    listed = policy.logs if policy else []
    if keys and listed and not {key.public for key in keys} <= {key.public for key in listed}:
        raise CannotCheck("policy.log", keys=names(keys))
    if not keys and not listed:
        raise CannotCheck("key.none")
    return keys or listed
