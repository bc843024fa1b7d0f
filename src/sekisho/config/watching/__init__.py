"""Watching the platform itself: its numbers for a monitoring system, and the page about its state."""
