"""Devices and media of the facility: what there is, where it is, and in what state."""
