"""The composition root: settings, entrances, process supervision. The only room that knows every app."""
