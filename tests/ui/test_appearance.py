"""What a strict content policy and the accessibility rules demand of every template and colour."""

import re
from itertools import product
from pathlib import Path

import pytest

import sekisho

SOURCE = Path(sekisho.__file__).parent
TEMPLATES = sorted(SOURCE.glob("**/templates/**/*.html"))
STATIC = SOURCE / "ui" / "static" / "ui"
FORBIDDEN = {
    "inline style": re.compile(r"<style|\sstyle\s*=", re.IGNORECASE),
    "inline script": re.compile(r"<script(?![^>]*\ssrc=)", re.IGNORECASE),
    "event attribute": re.compile(r"\s(on[a-z]+|hx-on[\w:-]*)\s*=", re.IGNORECASE),
    "address of another server": re.compile(r"""(?:src|href)\s*=\s*["'](?:https?:)?//""", re.IGNORECASE),
    "script address": re.compile(r"javascript:", re.IGNORECASE),
}
KINDS = ("ok", "ng", "warn", "info", "unknown", "neutral")
PAIRS = [
    *product(("ink", "ink-soft", "ink-quiet", "accent", "accent-deep", "navy", "ng-ink", "warn-ink"), ("white",)),
    *product(("ink", "ink-soft", "ink-quiet", "accent", "accent-deep", "navy"), ("accent-wash",)),
    *product(("ink", "navy", "accent-deep"), ("accent-tint",)),
    *product(("ink", "ink-soft", "ink-quiet"), ("surface",)),
    *product(("white",), ("accent", "accent-deep", "accent-deepest", "ng-fill", "ng-ink")),
    *((f"{kind}-ink", f"{kind}-tint") for kind in KINDS),
    *(("ink", f"{kind}-tint") for kind in KINDS),
]
TOKENS = dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6});", (STATIC / "tokens.css").read_text()))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.relative_to(SOURCE).as_posix())
def test_templates_obey_the_content_policy(path: Path) -> None:
    text = path.read_text()
    assert [name for name, pattern in FORBIDDEN.items() if pattern.search(text)] == []


def _luminance(colour: str) -> float:
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    dark, light = sorted((_luminance(TOKENS[one]), _luminance(TOKENS[other])))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(("ink", "ground"), PAIRS)
def test_text_stands_out_from_its_ground(ink: str, ground: str) -> None:
    assert _contrast(ink, ground) >= 4.5


@pytest.mark.parametrize("edge", ["line-control", "accent", "ng-fill", "focus"])
def test_edges_of_controls_stand_out(edge: str) -> None:
    assert _contrast(edge, "white") >= 3


def test_stylesheets_load_nothing_and_use_only_declared_tokens() -> None:
    sheets = {path.name: path.read_text() for path in STATIC.glob("*.css")}
    everything = "\n".join(sheets.values())
    declared = set(re.findall(r"(--[\w-]+):", everything))
    assert set(re.findall(r"var\((--[\w-]+)\)", everything)) <= declared
    assert "@import" not in everything
    assert all(address.startswith('"data:') for address in re.findall(r"url\(([^)]{6})", everything))
    without_tokens = "".join(text for name, text in sheets.items() if name not in {"tokens.css", "print.css"})
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[^{}]*;)", without_tokens) == []
