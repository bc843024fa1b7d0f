"""Commands about the guideline, about conformity and about evidence."""

import click

from sekisho.governance.commands import collecting
from sekisho.governance.commands.conformance import conformance
from sekisho.governance.commands.evidence import evidence
from sekisho.governance.commands.guideline import guideline

for _command in collecting.commands:
    evidence.add_command(_command)
commands: tuple[click.Command, ...] = (guideline, conformance, evidence)
