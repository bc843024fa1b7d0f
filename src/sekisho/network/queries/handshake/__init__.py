"""TLS handshakes by hand: hellos as any client could send them, and what a server says to each.

A TLS library refuses to speak the old versions and weak suites that have to be found, and hides which of its own rules
made a handshake fail. Nothing is encrypted or decided here for anybody: a handshake is broken off as soon as it has
shown its facts. Answers are hostile: every read is bounded in time and bytes.
"""
