"""A sound card of two lines, for each test anew."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.adapters.line_audio.stage import SoundCard, card


@pytest.fixture
def sound_card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SoundCard]:
    folder = tmp_path / "card"
    folder.mkdir()
    with card(folder, monkeypatch) as found:
        yield found
