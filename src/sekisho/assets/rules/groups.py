"""The names of groups of devices: what they are made of, so that they stay when devices come and go."""


def group_id(system_id: object, kind: str) -> str:
    """Return the id of the devices of a kind in a system, or in none: system and kind, at most 48 characters."""
    return f"{system_id or 'none'}.{kind}"


def bare_id(system_id: object) -> str:
    """Return the id that stands for the devices of a system of which the ledger knows none."""
    return f"{system_id}.unknown"
