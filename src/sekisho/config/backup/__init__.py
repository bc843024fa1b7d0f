"""The platform's own backup: generations made, listed, verified, tried out and restored."""
