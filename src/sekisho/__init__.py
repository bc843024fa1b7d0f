"""Sekisho (関所): safety management for medical information, enforced and proven."""

__version__ = "0.1.0"
