"""Every story in this folder comes true."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scenarios.runner import Story

STORIES = sorted(Path(__file__).parent.glob("*.txt"))


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_story(path: Path) -> None:
    assert Story(path).play() > 0


def test_a_story_that_is_not_true_fails(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.txt"
    wrong.write_text("seats 01=general\n02:00:00  seat 01  signs in  seat 01 busy\n", encoding="utf-8")
    with pytest.raises(AssertionError, match=r"wrong.txt:2"):
        Story(wrong).play()
