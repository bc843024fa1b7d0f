"""The process that lays out one paper: reads what to make from its input, writes the PDF to its output.

Started by :mod:`sekisho.ui.paper` only. It loads no Django, asks nobody and writes no file.
"""

import json
import sys
from pathlib import Path

import noto_cjk_sans_jp_bold
import noto_cjk_sans_jp_regular
import typst

HOUSE = Path(__file__).resolve().parent.parent


def press(work: bytes) -> bytes:
    """Return the PDF of ``work``: JSON with ``template`` and ``input``. Raises TypstError."""
    asked = json.loads(work)
    folders = [Path(str(package.__file__)).parent for package in (noto_cjk_sans_jp_regular, noto_cjk_sans_jp_bold)]
    fonts = typst.Fonts(font_paths=folders, include_system_fonts=False)
    inputs = {"paper": json.dumps(asked["input"], ensure_ascii=False)}
    made: bytes = typst.compile(HOUSE / asked["template"], root=HOUSE, font_paths=fonts, sys_inputs=inputs)
    return made


if __name__ == "__main__":
    sys.stdout.buffer.write(press(sys.stdin.buffer.read()))
