"""``python -m sekisho_verify``: the same as ``sekisho-verify``."""

import sys

from sekisho_verify.cli import main

sys.exit(main())
