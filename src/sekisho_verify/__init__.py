"""``sekisho-verify``: checks a register on another machine, without trusting whoever wrote it.

The register is a log in the public format C2SP tlog-tiles. This package is written from the public
specifications alone (tlog-tiles, tlog-checkpoint, signed-note, tlog-cosignature, tlog-policy,
tlog-proof, RFC 6962, RFC 8785) and shares no line with the writer. Besides Python it needs
``cryptography``; time stamps (RFC 3161) need ``rfc3161-client`` too.
"""

__version__ = "0.1.0"
