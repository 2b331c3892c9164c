"""Recordings: parts of them, to whom, and never a file from elsewhere."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hotline.api.recordings import inside
from hotline.people.permissions import Role
from tests.api.site import Site

AUDIO = b"RIFF" + bytes(range(256)) * 40


@pytest.fixture
def vault(site: Site) -> Path:
    root = site.root / "recordings"
    (root / "2026").mkdir()
    (root / "2026" / "a.wav").write_bytes(AUDIO)
    return root


async def test_a_recording_is_streamed_in_parts_and_recorded(site: Site, vault: Path) -> None:
    call, _ = await site.call()
    recording = await site.recording(call, "2026/a.wav")
    async with site.browser(Role.OPERATOR) as client:
        whole = await client.get(f"/recordings/{recording}/audio")
        assert (whole.status_code, whole.content) == (200, AUDIO)
        assert whole.headers["cache-control"] == "no-store"
        assert whole.headers["cross-origin-resource-policy"] == "same-origin"
        assert whole.headers["content-type"] == "audio/wav"
        part = await client.get(f"/recordings/{recording}/audio", headers={"Range": "bytes=100-199"})
        assert (part.status_code, part.content) == (206, AUDIO[100:200])
        assert part.headers["content-range"] == f"bytes 100-199/{len(AUDIO)}"
        tail = await client.get(f"/recordings/{recording}/audio", headers={"Range": "bytes=-10"})
        assert tail.content == AUDIO[-10:]
        beyond = await client.get(f"/recordings/{recording}/audio", headers={"Range": "bytes=999999-"})
        assert (beyond.status_code, beyond.json()["code"]) == (416, "range_not_satisfiable")
        assert beyond.headers["content-range"] == f"bytes */{len(AUDIO)}"
    lines = await site.audit()
    assert [(line["act"], line["data"]["range"]) for line in lines] == [
        ("playback", ""),
        ("playback", "bytes=100-199"),
        ("playback", "bytes=-10"),
        ("playback", "bytes=999999-"),
    ]
    assert call in lines[0]["object"]


async def test_the_absolute_path_of_an_adapter_is_fine_below_its_directory(site: Site, vault: Path) -> None:
    call, _ = await site.call()
    recording = await site.recording(call, str(vault / "2026" / "a.wav"))
    async with site.browser(Role.SUPERVISOR) as client:
        assert (await client.get(f"/recordings/{recording}/audio")).content == AUDIO


@pytest.mark.parametrize(
    "file",
    [
        "../secret.wav",
        "2026/../../secret.wav",
        "/etc/passwd",
        "link.wav",
        "linked/secret.wav",
        "2026",
        "2026/notes.txt",
        "2026/none.wav",
        "",
        "..",
        "a" * 5000 + ".wav",
        "pipe.wav",
    ],
)
async def test_nothing_outside_is_played(site: Site, vault: Path, file: str) -> None:
    (site.root / "secret.wav").write_bytes(b"secret")
    (vault / "2026" / "notes.txt").write_bytes(b"notes")
    (vault / "link.wav").symlink_to(site.root / "secret.wav")
    (vault / "linked").symlink_to(site.root)
    os.mkfifo(vault / "pipe.wav")
    call, _ = await site.call()
    recording = await site.recording(call, file)
    async with site.browser(Role.OPERATOR) as client:
        answer = await client.get(f"/recordings/{recording}/audio")
    assert (answer.status_code, answer.json()["code"]) == (404, "recording_missing")
    assert await site.audit() == []


def test_a_zero_byte_is_no_path(tmp_path: Path) -> None:
    assert inside("a\0.wav", [tmp_path]) is None


async def test_why_there_is_none(site: Site) -> None:
    call, _ = await site.call()
    failed = await site.recording(call, None, missing="recording_failed")
    pending = await site.recording(call, None)
    async with site.browser(Role.OPERATOR) as client:
        assert (await client.get(f"/recordings/{failed}/audio")).json()["detail"] == "录音失败"
        assert (await client.get(f"/recordings/{pending}/audio")).json()["code"] == "recording_missing"
        for odd in ("0", "-1", "x", str(2**63), "1e3"):
            assert (await client.get(f"/recordings/{odd}/audio")).status_code == 422
        assert (await client.get("/recordings/999/audio")).status_code == 404


async def test_nobody_without_the_right_hears_it(site: Site, vault: Path) -> None:
    colleague, _ = await site.call(operator=Role.SUPERVISOR)
    recording = await site.recording(colleague, "2026/a.wav")
    for role, hall, expected in (
        (Role.OPERATOR, "h1", 404),
        (Role.ADMINISTRATOR, "h1", 403),
        (Role.AUDITOR, "h1", 403),
        (Role.SUPERVISOR, "h2", 404),
    ):
        async with site.browser(role, hall) as client:
            assert (await client.get(f"/recordings/{recording}/audio")).status_code == expected


@pytest.mark.parametrize("part", ["bytes", "null", "lines=1-2", "bytes=a-b", "bytes=1-2,5-6", "bytes=5-2", "bytes=-0"])
async def test_ranges_that_are_none(site: Site, vault: Path, part: str) -> None:
    """What cannot be read as one range is not heeded; what can be read and holds nothing is refused."""
    call, _ = await site.call()
    recording = await site.recording(call, "2026/a.wav")
    async with site.browser(Role.OPERATOR) as client:
        answer = await client.get(f"/recordings/{recording}/audio", headers={"Range": part})
    if part in ("bytes=5-2", "bytes=-0"):
        assert (answer.status_code, answer.json()["code"]) == (416, "range_not_satisfiable")
    else:
        assert (answer.status_code, answer.content) == (200, AUDIO)
