"""Pictures of a running platform with a made-up clinic: ``scripts/pictures [FOLDER]``.

What is pictured stands in ``PICTURES``; the name becomes the file. A picture for a manual is one more line.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.conftest import CHROMIUM, FLAGS
from tests.config.running import COMMAND, Instance, free_port, variables

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture: the file's name, the address, the language, how much is seen (height None: the whole page)."""

    name: str
    address: str
    language: str = "ja"
    width: int = 1280
    height: int | None = 1400


PICTURES = (
    Picture("home-ja", "/?trend=months"),
    Picture("home-en", "/?trend=months", "en"),
)


@contextmanager
def sample_platform() -> Iterator[tuple[Instance, str]]:
    """Run a platform with the made-up clinic; yield it and the session cookie of its management."""
    base = Path(tempfile.mkdtemp(prefix="skp"))
    instance = Instance(base / "home", {"port": str(free_port())})
    try:
        environment = {**variables(instance.home, instance.settings), "PYTHONPATH": str(ROOT)}
        preparing = [*COMMAND, "process", "prepare", "--parent", str(os.getpid())]
        subprocess.run(preparing, env=environment, cwd="/", stdout=subprocess.DEVNULL, check=True)
        command = [sys.executable, "-m", "tests.browser.sample_clinic"]
        lived = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
        assert lived.returncode == 0, lived.stderr
        yield instance.start().ready(180), lived.stdout.splitlines()[-1]
    finally:
        instance.destroy()
        shutil.rmtree(base)


def opened(browser: Browser, instance: Instance, cookie: str, picture: Picture) -> Page:
    """Return the page of a picture, signed in, as its reader sees it."""
    address = f"https://localhost:{instance.port}"
    context = browser.new_context(
        base_url=address, ignore_https_errors=True, locale="ja-JP", timezone_id="Asia/Tokyo",
        viewport={"width": picture.width, "height": picture.height or 900},
    )  # fmt: skip
    name, _, value = cookie.partition("=")
    context.add_cookies(
        [
            {"name": name, "value": value, "domain": "localhost", "path": "/", "secure": True},
            {"name": "sekisho_language", "value": picture.language, "url": address, "secure": True},
        ]
    )
    page = context.new_page()
    page.goto(picture.address)
    return page


def take(folder: Path, pictures: Sequence[Picture] = PICTURES) -> None:
    """Take every picture."""
    folder.mkdir(parents=True, exist_ok=True)
    with sample_platform() as (instance, cookie), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for picture in pictures:
            page = opened(browser, instance, cookie, picture)
            page.screenshot(path=folder / f"{picture.name}.png", full_page=picture.height is None)
            page.context.close()
        browser.close()


if __name__ == "__main__":
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    take(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "images")
