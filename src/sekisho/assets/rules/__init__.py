"""Rules of the assets: pure functions over plain data."""
