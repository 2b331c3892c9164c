"""Uploads lie where Asterisk plays them, what they replaced comes back, and being killed in between loses nothing."""

from __future__ import annotations

import hashlib
import random
from array import array
from pathlib import Path

import pytest

from adapters.asterisk import prompt_store
from adapters.asterisk.prompt_store import PromptFolder, decode, encode
from adapters.prompts import PromptStore

ONE, TWO = decode(bytes(range(256)) * 20), decode(bytes(reversed(range(256))) * 30)
OWN = b"\xd5\x55" * 4000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "greeting.alaw").write_bytes(OWN)
    return tmp_path


def digest(wav: bytes) -> str:
    return hashlib.sha256(wav).hexdigest()


async def listed(store: PromptStore) -> dict[str, tuple[float, str]]:
    return {name: (each.seconds, each.sha256) for name, each in (await store.prompt_names()).items()}


async def test_an_upload_takes_the_place_and_gives_it_back(folder: Path) -> None:
    store = PromptFolder(folder)
    assert await listed(store) == {"greeting": (1.0, "")}
    await store.put_prompt("greeting", ONE)
    await store.put_prompt("greeting", TWO)
    assert await listed(store) == {"greeting": (0.96, digest(TWO))}
    assert (folder / "greeting.alaw").read_bytes() == encode(TWO)
    assert (folder / "greeting.alaw").stat().st_mode & 0o777 == 0o644
    assert await store.read_prompt("greeting") == TWO
    await store.restore_prompt("greeting")
    assert await listed(store) == {"greeting": (1.0, "")}
    assert (folder / "greeting.alaw").read_bytes() == OWN
    await store.restore_prompt("greeting")
    assert (folder / "greeting.alaw").read_bytes() == OWN


async def test_one_of_the_halls_own_goes_without_a_trace(folder: Path) -> None:
    store = PromptFolder(folder)
    await store.put_prompt("notice-1.yue", ONE)
    assert await listed(store) == {"greeting": (1.0, ""), "notice-1.yue": (0.64, digest(ONE))}
    await store.restore_prompt("notice-1.yue")
    assert await listed(store) == {"greeting": (1.0, "")}
    assert await store.read_prompt("notice-1.yue") is None


async def test_set_up_anew_below_an_upload(folder: Path) -> None:
    """The set-up writes its own voice again: it is seen, replaced once more, and is what comes back later."""
    store = PromptFolder(folder)
    await store.put_prompt("greeting", ONE)
    fresh = OWN + OWN
    (folder / "greeting.alaw").write_bytes(fresh)
    assert await listed(store) == {"greeting": (2.0, "")}
    await store.put_prompt("greeting", ONE)
    assert await listed(store) == {"greeting": (0.64, digest(ONE))}
    await store.restore_prompt("greeting")
    assert (folder / "greeting.alaw").read_bytes() == fresh


async def test_other_kinds_of_the_same_name_do_not_stand_in_the_way(folder: Path) -> None:
    """Asterisk chooses by the caller's codec; an upload is heard by all."""
    (folder / "greeting.wav").write_bytes(b"RIFF")
    store = PromptFolder(folder)
    await store.put_prompt("greeting", ONE)
    assert not (folder / "greeting.wav").exists()
    await store.restore_prompt("greeting")
    assert (folder / "greeting.wav").read_bytes() == b"RIFF"
    assert (folder / "greeting.alaw").read_bytes() == OWN


@pytest.mark.parametrize("last", [1, 2, 3])
async def test_killed_in_between(folder: Path, last: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """After any step: what is heard is whole, the next try succeeds, and the device's own can still be taken back."""
    store = PromptFolder(folder)
    await store.put_prompt("greeting", ONE)
    steps = 0
    replace = prompt_store._replace

    def dying(path: Path, content: bytes) -> None:
        nonlocal steps
        steps += 1
        if steps == last:
            raise OSError("killed")
        replace(path, content)

    monkeypatch.setattr(prompt_store, "_replace", dying)
    if last < 3:
        with pytest.raises(OSError, match="killed"):
            await store.put_prompt("greeting", TWO)
    else:
        await store.put_prompt("greeting", TWO)
    monkeypatch.setattr(prompt_store, "_replace", replace)
    assert (await listed(store))["greeting"][1] in (digest(ONE), digest(TWO))
    await store.put_prompt("greeting", TWO)
    assert (await listed(store))["greeting"] == (0.96, digest(TWO))
    await store.restore_prompt("greeting")
    assert (folder / "greeting.alaw").read_bytes() == OWN


@pytest.mark.parametrize("name", ["../x", "a/b", "", ".own", "x.", "x.YUE", "a" * 65, "x.yue.yue"])
async def test_no_name_leads_out_of_the_folder(folder: Path, name: str) -> None:
    before = sorted(folder.rglob("*"))
    for done in (PromptFolder(folder).put_prompt(name, ONE), PromptFolder(folder).read_prompt(name)):
        with pytest.raises(ValueError, match="not the name"):
            await done
    assert [each for each in sorted(folder.rglob("*")) if each.is_file()] == before


async def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    store = PromptFolder(tmp_path / "nowhere")
    with pytest.raises(FileNotFoundError):
        await store.prompt_names()
    with pytest.raises(FileNotFoundError):
        await store.put_prompt("greeting", ONE)


@pytest.mark.parametrize("wav", [b"", b"RIFF", b"hello" * 20])
async def test_only_what_the_network_carries_is_put(folder: Path, wav: bytes) -> None:
    with pytest.raises(ValueError, match="not a WAV file"):
        await PromptFolder(folder).put_prompt("greeting", wav)
    assert (folder / "greeting.alaw").read_bytes() == OWN


def test_a_law_loses_no_more_than_it_must() -> None:
    """Steps of G.711 A-law: 16 near zero, 1/32 of the size above; every code comes back as itself."""
    assert encode(decode(bytes(range(256)))) == bytes(range(256))
    chance = random.Random(1)
    samples = array("h", (chance.randrange(-32768, 32768) for _ in range(20_000)))
    wav = decode(b"\xd5" * len(samples))
    wav = wav[: -2 * len(samples)] + samples.tobytes()
    back = array("h", decode(encode(wav))[44:])
    assert all(abs(a - b) <= max(8, abs(a) / 32 + 1) or abs(a) > 32256 for a, b in zip(samples, back, strict=True))
