"""Imported once by the process that forks controls and jobs (see apart): Django and every app, nothing connected."""

from sekisho.config.processes.django_start import start_django

start_django()
