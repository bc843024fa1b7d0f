"""What can go wrong with SSH keys, apart from what is wrong with a key itself (``rules/ssh_keys.py``)."""

from sekisho.kernel.errors import Conflict, InvalidInput
from sekisho.kernel.text import _


class SshKeyTaken(Conflict):
    """The key is, or was, another person's: who signs with it could not be told any more."""

    code = "people.ssh_key_taken"
    message = _("This key belongs to somebody else.")
    hint = _("Each person has keys of their own. Make one with “ssh-keygen -t ed25519” and tell the system operator.")


class SshKeyKnown(Conflict):
    """The person has this key already."""

    code = "people.ssh_key_known"
    message = _("This key is on your list already.")
    hint = None


class SshKeyLeaked(InvalidInput):
    """The private half of this key was handed over once."""

    code = "people.ssh_key_leaked"
    message = _("The private half of this key was pasted here once, so it counts as leaked.")
    hint = _("Make another one with “ssh-keygen -t ed25519”.")


class SshKeysFull(Conflict):
    """The person has as many keys as anybody may."""

    code = "people.ssh_keys_full"
    message = _("You have %(most)s keys already.")
    hint = _("Remove one that you do not use any more.")
