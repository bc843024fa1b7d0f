"""Writes events into the register without a pause, and says the id of each as soon as it is committed."""

import itertools
import os
import sys

from sekisho.config.processes.django_start import start_django
from sekisho.config.processes.lifeline import die_with_parent

die_with_parent(os.getppid())
start_django()

from django.db import OperationalError, transaction  # noqa: E402  # Django has to be started first

from sekisho.kernel.actor import platform  # noqa: E402
from sekisho.people.actions import PeopleAction  # noqa: E402
from sekisho.register.services import append  # noqa: E402

for number in itertools.count():
    try:
        with transaction.atomic():
            event = append(
                actor=platform("writer"), action=PeopleAction.SIGN_IN, details={"number": number}, private={"n": number}
            )
    except OperationalError:
        continue  # the database was busy for long: nothing was written, and nothing said
    sys.stdout.write(f"{event}\n")
    sys.stdout.flush()
