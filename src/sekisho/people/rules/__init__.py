"""Rules of people. Pure."""
