"""The personal data that Sekisho keeps: what, for how long, its destruction, and its handing over to the person."""
