"""What a site says, and the announcements it uploads."""

from __future__ import annotations

import wave
from array import array
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from adapters.card.prompt_folder import PromptFolder
from adapters.card.settings import CardSettings

GOOD: dict[str, Any] = {"vendor": "shp_a3", "library": "/usr/lib/libSHP_A3.so", "config": "/etc/ShConfig.ini"}


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"config": None}, "缺少 config"),
        ({"vendor": "keygoe"}, "缺少 server"),
        ({"seats": {"8001": 9, "8002": 9}}, "通道 9 写了两次"),
        ({"trunks": [3], "seats": {"8001": 3}}, "既写在 trunks 又写在 seats"),
        ({"vendor": "dialogic"}, "shp_a3"),
        ({"stuck_seconds": 0}, "stuck_seconds"),
        ({"seat": {}}, "seat"),
    ],
)
def test_what_is_wrong_is_said(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        CardSettings.model_validate({**GOOD, **wrong})


def tone() -> bytes:
    into = BytesIO()
    with wave.open(into, "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(array("h", [each * 50 % 20000 for each in range(4001)]).tobytes())
    return into.getvalue()


@pytest.mark.parametrize("bare", [False, True])
async def test_uploads_are_played_and_taken_back(bare: bool, tmp_path: Path) -> None:
    folder = PromptFolder(tmp_path, bare=bare)
    assert folder.find("greeting") is None
    await folder.put_prompt("greeting", tone())
    own = tmp_path / f"menu{'.alaw' if bare else '.wav'}"
    played = folder.find("greeting")
    assert played is not None
    own.write_bytes(played.read_bytes())
    await folder.put_prompt("menu", tone())
    assert folder.find("menu") != own
    listed = await folder.prompt_names()
    assert set(listed) == {"greeting", "menu"}
    assert listed["menu"].sha256
    assert abs(listed["menu"].seconds - 0.5) < 0.01
    heard = await folder.read_prompt("greeting")
    assert heard is not None
    before, after = (array("h", wav[44:]) for wav in (tone(), heard))
    assert len(before) == len(after)
    assert max(abs(one - two) for one, two in zip(before, after, strict=True)) <= 512  # A-law's coarsest step, halved
    await folder.restore_prompt("menu")
    await folder.restore_prompt("greeting")
    assert folder.find("menu") == own
    assert folder.find("greeting") is None
    assert (await folder.prompt_names())["menu"].sha256 == ""
    for name in ("../up", "a b", ""):
        assert folder.find(name) is None
        with pytest.raises(ValueError, match="not the name"):
            await folder.put_prompt(name, tone())
    with pytest.raises(ValueError, match="not a WAV"):
        await folder.put_prompt("greeting", b"nothing")
