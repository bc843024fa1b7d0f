"""That browsers trust Sekisho: handing out the root, and taking over a certificate of the facility's own."""
