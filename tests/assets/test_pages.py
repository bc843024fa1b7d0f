"""The ledgers of devices and media as people use them: entered, found, taken away and read back."""

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from sekisho.assets.models import Equipment, Medium
from sekisho.kernel.access import Role

pytestmark = pytest.mark.django_db
DEVICES, MEDIA = "/assets/devices/", "/assets/media/"


@pytest.fixture
def client(signed_in: Callable[..., Client]) -> Client:
    return signed_in(Role.SYSTEM_OPERATOR)


def test_a_device_is_entered_found_printed_and_read_back(client: Client) -> None:
    values = {
        "name": "受付端末",
        "kind": "terminal",
        "state": "in_use",
        "asset_number": "Ａ－００１",
        "patched_on": "R8.11.1",
    }
    assert client.post(f"{DEVICES}new/", values).status_code == 302
    assert client.post(f"{DEVICES}new/", values).status_code == 422, "an asset number names one device"
    assert "受付端末" in client.get(f"{DEVICES}?q=a-001").content.decode()
    taken = client.get(f"{DEVICES}export.csv").content
    answer = client.post(f"{DEVICES}import/", {"file": SimpleUploadedFile("x.csv", taken)})
    assert answer.status_code == 200
    assert f"{DEVICES}import/0" not in answer.content.decode(), "there is nothing to take over"
    assert Equipment.objects.get().version == 1
    assert client.get(f"{DEVICES}export.pdf").content.startswith(b"%PDF-")
    assert client.get(f"{DEVICES}export.xlsx").status_code == 200
    found = client.get("/api/v1/assets/devices?q=受付").json()
    assert (found["count"], found["entries"][0]["patched_on"]) == (1, "2026-11-01")


def test_a_medium_is_entered(client: Client) -> None:
    values = {"label": "USB-1", "kind": "usb", "use_until": "令和11年3月31日"}
    answer = client.post(f"{MEDIA}new/", values)
    assert answer.status_code == 302
    assert "MD-00001" in client.get(answer.headers["Location"]).content.decode()
    assert Medium.objects.get().number == 1
