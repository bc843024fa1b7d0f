"""What the light daily look adds to the last whole one: whether something changed, and what is known then."""

from dataclasses import replace

from sekisho.network.rules.observation import Glance, Observation, Version, Why


def differs(scan: Observation, seen: Glance) -> bool:
    """Tell whether a light look that got through shows something that the whole look ``scan`` did not.

    One that did not get through shows nothing that a whole look could tell more about.
    """
    if not seen.reachable or seen.version is None:
        return False
    if not scan.tls:
        return True
    return seen.version not in scan.offered()[-1:] or _is_new_certificate(scan, seen) or _takes_old_clients(scan, seen)


def with_newer(scan: Observation, seen: Glance) -> Observation:
    """Return ``scan`` as it stands after a newer light look. What may have changed and was not seen anew is unknown."""
    if not seen.reachable:
        return replace(scan, reachable=False, why={"reachable": seen.why.get("reachable", Why.NOT_TRIED)})
    found = scan if scan.reachable else Observation(scan.host, scan.port, scan.starttls, scan.server_name)
    found = replace(found, reachable=True, tls=True if seen.version else found.tls)
    if seen.chain is None:
        unseen = {"chains": seen.why.get("chain", Why.NOT_TRIED)}
        return replace(found, chains=None, trust=None, why={**found.why, **unseen})
    if _is_new_certificate(scan, seen):
        found = replace(found, chains=(seen.chain,), trust=None, why={**found.why, "trust": Why.NOT_TRIED})
    if _takes_old_clients(scan, seen):
        found = replace(found, versions={**found.versions, Version.TLS11: True})
    return found


def _is_new_certificate(scan: Observation, seen: Glance) -> bool:
    known = {chain[0].fingerprint for chain in scan.chains or () if chain}
    return seen.chain is not None and not known.intersection(one.fingerprint for one in seen.chain[:1])


def _takes_old_clients(scan: Observation, seen: Glance) -> bool:
    return seen.legacy_refused is False and not any(scan.versions.get(old) for old in (Version.TLS10, Version.TLS11))
