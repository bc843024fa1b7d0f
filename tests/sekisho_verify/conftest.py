"""Runs the program within the test."""

import json

import pytest

from sekisho_verify.cli import main
from tests.sekisho_verify.asking import Answer, Ask


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]) -> Ask:
    """Return a function that runs the program for a JSON answer."""

    def asked(*words: object) -> Answer:
        capsys.readouterr()
        code = main([*map(str, words), "--json", "--lang", "en"])
        answer = Answer(code, json.loads(capsys.readouterr().out))
        assert answer.document["exit_code"] == code
        assert (answer.verdict, code) in (("intact", 0), ("tampered", 1), ("cannot_tell", 2))
        return answer

    return asked
