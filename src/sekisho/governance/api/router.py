"""The one router of governance: what is registered under it is checked for its mark when Sekisho starts."""

from ninja import Router

router = Router(tags=["governance"])
