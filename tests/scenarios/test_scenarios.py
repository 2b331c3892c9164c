"""Every story in this folder comes true, in a fair order of service, and its journal explains itself."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import pytest

from routing.queue import Line
from tests.hall.kit import START
from tests.scenarios.journal import Line as Told
from tests.scenarios.journal import every_kind, faults, kinds, told
from tests.scenarios.runner import Story

FOLDER = Path(__file__).parent
STORIES = sorted(each for each in FOLDER.glob("*.txt") if not each.name.endswith(".journal.txt"))
GOLDEN = sorted(FOLDER.glob("*.journal.txt"))
UNTOLD = {"CallClaimed", "PortBroken", "PortMended", "LineAlarmRaised", "LineAlarmCleared", "OrderRefused"}
UNTOLD |= {"TicketNumbered"}
"""Events that no story is about: what devices do wrong, and contacts that are no calls, are told in `tests/hall`."""
REWRITE = "REWRITE_JOURNALS"
"""Environment switch: write the golden journals anew instead of comparing them; read them before they are kept."""


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_story(path: Path) -> None:
    story = Story(path)
    assert story.play() > 0
    assert story.hall.offered > 0 or story.hall.state.rules.night, "nobody was served, so nothing was looked at"


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_its_journal_explains_itself(path: Path) -> None:
    story = Story(path)
    story.play()
    lines = told(story.hall)
    assert len(lines) == len(story.hall.journal) > 0
    assert [str(line) + f"  ← {', '.join(faults(line))}" for line in lines if faults(line)] == []
    assert [each.at for each in lines] == sorted(each.at for each in lines)


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda path: path.stem)
def test_a_journal_word_by_word(golden: Path) -> None:
    story = Story(golden.with_name(golden.name.replace(".journal", "")))
    story.play()
    text = "".join(f"{line}\n" for line in told(story.hall) if line.kind != "SeatDefined")
    if os.environ.get(REWRITE):
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


def test_the_stories_tell_of_everything_that_can_happen() -> None:
    found: set[str] = set()
    for path in STORIES:
        story = Story(path)
        story.play()
        found |= kinds(story.hall)
    assert every_kind() - found == UNTOLD


def test_a_story_that_is_not_true_fails(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.txt"
    wrong.write_text("seats 01=general\n02:00:00  seat 01  signs in  seat 01 busy\n", encoding="utf-8")
    with pytest.raises(AssertionError, match=r"wrong.txt:2"):
        Story(wrong).play()


def test_a_refusal_nobody_expected_fails(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.txt"
    wrong.write_text("seats 01=general\n02:00:00  seat 01  ready\n", encoding="utf-8")
    with pytest.raises(AssertionError, match="seat_not_signed_in"):
        Story(wrong).play()


def test_somebody_passed_over_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def last_first(line: Line) -> Iterable[tuple[None, list[tuple[float, str]]]]:
        return [(None, sorted(line.ranked(), reverse=True))]

    monkeypatch.setattr(Line, "by_kind", last_first)
    with pytest.raises(AssertionError, match="is served before"):
        Story(FOLDER / "morning_thirty.txt").play()


@pytest.mark.parametrize(
    "text", ["事件：X", "坐席（不详）接听", "改由接待：", "选择“”", "坐席 01由ready变为空闲", "播放语音“rate-skill”"]
)
def test_a_sentence_that_explains_nothing_is_found(text: str) -> None:
    line = Told(at=START, call="A", kind="X", text=text)
    assert faults(line)
