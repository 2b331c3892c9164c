"""Files that are whole or not there, each once, whatever broke off in between."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from adapters.bridge import Batch, Bridge, InDoubt, NewsKind, NotNow
from adapters.bridges.transports import folder as folder_module
from adapters.bridges.transports.book import Book, Stage
from adapters.errors import Refused
from tests.adapters.bridges.stage import build, package, stage


class Folders:
    """Both folders and a bridge over them."""

    def __init__(self, root: Path, **settings: Any) -> None:
        self.root = root
        self.out, self.inbox = root / "out", root / "in"
        self.out.mkdir(exist_ok=True)
        self.inbox.mkdir(exist_ok=True)
        self._settings = settings
        self.bridge = self.opened()

    def opened(self) -> Bridge:
        """The bridge as after a restart."""
        paths = {"out": str(self.out), "inbox": str(self.inbox)} | self._settings
        return build(self.root, {"kind": "folder", "folder": paths})

    @property
    def names(self) -> list[str]:
        """What lies there, hidden files too."""
        return sorted(os.listdir(self.out))

    @property
    def aside(self) -> list[str]:
        """What was set aside."""
        folder = self.root / "bridges" / "city" / "set-aside"
        return sorted(os.listdir(folder)) if folder.is_dir() else []

    def lay(self, name: str, *items: dict[str, Any], mark: bytes | None = b"") -> Path:
        """A file of theirs; `mark`: what stands in `NAME.ok`, None: there is none yet."""
        file = self.inbox / name
        file.write_text(json.dumps({"items": list(items)}), "utf-8")
        if mark is not None:
            (self.inbox / f"{name}.ok").write_bytes(mark)
        return file


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders(tmp_path)


def item(number: int = 1, **changes: Any) -> dict[str, Any]:
    return {"id": f"n{number}", "type": "accepted", "key": f"k.{number}", "case_no": "C-1"} | changes


async def test_numbered_whole_and_marked(folders: Folders) -> None:
    first = await folders.bridge.send(package("a.1"))
    second = await folders.bridge.send(package("a.2"))
    assert (first.ledger_no, second.ledger_no) == ("000000001", "000000002")
    assert len(folders.names) == 4
    assert not any(name.startswith(".") for name in folders.names)
    for number, name in enumerate((each for each in folders.names if each.endswith(".ok")), start=1):
        mark = json.loads((folders.out / name).read_bytes())
        content = (folders.out / mark["name"]).read_bytes()
        assert (mark["seq"], mark["bytes"]) == (number, len(content))
        assert mark["sha256"] == hashlib.sha256(content).hexdigest() == (first, second)[number - 1].digest
        assert json.loads(content)["key"] == f"a.{number}"


async def test_taken_by_the_gate_it_is_not_laid_down_again(folders: Folders) -> None:
    await folders.bridge.send(package())
    for name in folders.names:
        (folders.out / name).unlink()
    receipt = await folders.opened().send(package())
    assert receipt.repeated
    assert folders.names == []
    forced = await folders.opened().send(package(), again=True)
    assert not forced.repeated
    assert forced.ledger_no == "000000002"


async def test_again_that_fails_and_is_tried_again_leaves_no_gap(folders: Folders) -> None:
    await folders.bridge.send(package())
    for _ in range(3):
        with pytest.MonkeyPatch.context() as patch:
            _data_not_written(patch, folders)
            with pytest.raises(NotNow):
                await folders.bridge.send(package(), again=True)
    assert (await folders.bridge.send(package(), again=True)).ledger_no == "000000002"


async def test_the_same_key_with_other_words_is_refused(folders: Folders) -> None:
    await folders.bridge.send(package())
    with pytest.raises(Refused, match="同一移交标识"):
        await folders.bridge.send(package(facts="别的"))


Break = Callable[[pytest.MonkeyPatch, Folders], None]


def _data_not_written(patch: pytest.MonkeyPatch, folders: Folders) -> None:
    def lay(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    patch.setattr(folder_module, "lay", lay)


def _mark_not_written(patch: pytest.MonkeyPatch, folders: Folders) -> None:
    real = folder_module.lay

    def lay(folder: Path, name: str, content: bytes) -> None:
        if name.endswith(".ok"):
            raise OSError(5, "Input/output error")
        real(folder, name, content)

    patch.setattr(folder_module, "lay", lay)


def _book_not_closed(patch: pytest.MonkeyPatch, folders: Folders) -> None:
    """The power goes when all lies there, and before the book says so."""
    real = Book.reached

    def reached(self: Book, key: str, stage: Stage) -> None:
        if stage is Stage.DONE:
            raise OSError(5, "power cut")
        real(self, key, stage)

    patch.setattr(Book, "reached", reached)


@pytest.mark.parametrize("broken", [_data_not_written, _mark_not_written, _book_not_closed])
async def test_broken_off_anywhere_it_lies_there_once(folders: Folders, broken: Break) -> None:
    with pytest.MonkeyPatch.context() as patch:
        broken(patch, folders)
        with pytest.raises((NotNow, OSError)):
            await folders.bridge.send(package())
    receipt = await folders.opened().send(package())
    assert receipt.ledger_no == "000000001"
    assert len([name for name in folders.names if name.endswith(".ok")]) == 1
    assert len([name for name in folders.names if name.endswith(".json")]) == 1


async def test_broken_off_while_it_was_shown_and_then_gone_is_in_doubt(tmp_path: Path) -> None:
    mapping = tmp_path / "city.toml"
    default = Path(folder_module.__file__).parents[1] / "folder" / "mapping.toml"
    mapping.write_text(default.read_text("utf-8").replace("deduplicates = true", "deduplicates = false"), "utf-8")
    folders = Folders(tmp_path)
    table = {"kind": "folder", "mapping": str(mapping), "folder": {"out": str(folders.out)}}
    with pytest.MonkeyPatch.context() as patch:
        _book_not_closed(patch, folders)
        with pytest.raises(OSError, match="power"):
            await build(tmp_path, table).send(package())
    for name in folders.names:
        (folders.out / name).unlink()
    with pytest.raises(InDoubt, match="第 1 号文件"):
        await build(tmp_path, table).send(package())
    assert (await build(tmp_path, table).send(package(), again=True)).ledger_no == "000000002"


async def test_an_unmounted_folder_is_for_later(folders: Folders) -> None:
    shutil.rmtree(folders.out)
    with pytest.raises(NotNow, match="挂载"):
        await folders.bridge.send(package())
    assert not folders.out.exists()
    shutil.rmtree(folders.inbox)
    with pytest.raises(NotNow, match="挂载"):
        await folders.bridge.news()
    assert {each.ok for each in await folders.bridge.probe()} == {False}


async def test_news_stay_until_they_are_heard(folders: Folders) -> None:
    folders.lay("1.json", item(1), item(2, type="returned", text="不属于我单位"))
    folders.lay("2.json", item(1))
    batch = await folders.bridge.news()
    assert [(each.kind, each.text) for each in batch.news] == [
        (NewsKind.ACCEPTED, ""),
        (NewsKind.RETURNED, "不属于我单位"),
    ]
    assert (await folders.opened().news()).news[0].id == batch.news[0].id
    await folders.bridge.heard([batch.news[0].id])
    assert sorted(os.listdir(folders.inbox)) == ["1.json", "1.json.ok"]
    await folders.bridge.heard([batch.news[1].id])
    assert os.listdir(folders.inbox) == []


async def test_half_files_are_not_read(folders: Folders) -> None:
    whole = json.dumps({"items": [item()]}).encode()
    sha256 = hashlib.sha256(whole).hexdigest()
    half = folders.inbox / "1.json"
    half.write_bytes(whole[:20])
    assert (await folders.bridge.news()).news == ()
    for mark in (
        {"bytes": len(whole), "sha256": sha256},
        {"sha256": sha256},
        {"bytes": len(whole)},
    ):
        (folders.inbox / "1.json.ok").write_text(json.dumps(mark))
        assert await folders.bridge.news() == Batch()
    (folders.inbox / "1.json.ok").write_bytes(b'{"by')
    assert (await folders.bridge.news()).set_aside == ()
    half.write_bytes(whole)
    (folders.inbox / "1.json.ok").write_text(json.dumps({"bytes": len(whole), "sha256": sha256}))
    (folders.inbox / ".2.json.part").write_bytes(b"{")
    assert len((await folders.bridge.news()).news) == 1


async def test_what_stays_half_is_set_aside(tmp_path: Path) -> None:
    folders = Folders(tmp_path, stuck_seconds=1.0)
    file = folders.lay("1.json", item(), mark=None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(folder_module, "touched", lambda _: file.stat().st_mtime - 2)
        batch = await folders.bridge.news()
    assert [each.reason for each in batch.set_aside] == ["文件 1.json 一直不完整：请对方重放"]
    assert folders.aside == ["1.json"]
    assert os.listdir(folders.inbox) == []


async def test_without_marks_a_file_must_be_still(tmp_path: Path) -> None:
    folders = Folders(tmp_path, marker=False, still_seconds=3600)
    file = folders.lay("1.json", item(), mark=None)
    os.utime(file, (0, 0))  # a copying program keeps the old time while it still writes
    assert (await folders.bridge.news()).news == ()
    still = Folders(tmp_path, marker=False, still_seconds=0.1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("adapters.bridges.transports.files.touched", lambda _: 0.0)
        assert len((await still.bridge.news()).news) == 1


async def test_rubbish_is_set_aside_and_does_not_hold_up_the_rest(folders: Folders) -> None:
    (folders.inbox / "1.json").write_bytes(b"\xff\xfe\xfd")
    (folders.inbox / "1.json.ok").touch()
    folders.lay("2.json", {"type": "?"})
    folders.lay("3.json", item(), {"type": "?"})
    elsewhere = folders.root / "elsewhere.json"
    elsewhere.write_text(json.dumps({"items": [item(4)]}), "utf-8")
    (folders.inbox / "4.json").symlink_to(elsewhere)
    (folders.inbox / "4.json.ok").touch()
    (folders.inbox / "5.json").mkdir()
    batch = await folders.bridge.news()
    assert len(batch.news) == 1
    assert len(batch.set_aside) == 5
    assert folders.aside == ["1.json", "2.json", "4.json", "5.json"]
    again = await folders.bridge.news()
    assert (len(again.news), again.set_aside) == (1, ())
    await folders.bridge.heard([batch.news[0].id])
    assert "3.json" in folders.aside
    assert elsewhere.is_file()


async def test_what_cannot_be_set_aside_does_not_hold_up_the_rest(folders: Folders) -> None:
    def not_allowed(*args: Any) -> None:
        raise PermissionError(13, "Permission denied")

    (folders.inbox / "1.json").mkdir()
    folders.lay("2.json", item())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shutil, "move", not_allowed)
        batch = await folders.bridge.news()
    assert [each.key for each in batch.news] == ["k.1"]
    assert "移不走" in batch.set_aside[0].reason


async def test_a_name_used_again_is_read_again(folders: Folders) -> None:
    folders.lay("ack.json", item(1))
    (first,) = (await folders.bridge.news()).news
    new = folders.lay("new.tmp", item(2), mark=None)
    new.replace(folders.inbox / "ack.json")
    await folders.bridge.heard([first.id])
    (second,) = (await folders.bridge.news()).news
    assert second.key == "k.2"


async def test_a_gap_in_the_numbers_is_seen_by_the_receiver(tmp_path: Path) -> None:
    async with stage("folder", tmp_path) as at:
        await at.bridge.send(package("a.1"))
        await at.look()
        await at.bridge.send(package("a.2"))
        for file in at.side.inbox.iterdir():
            file.unlink()
        await at.bridge.send(package("a.3"))
        await at.look()
        assert [each["text"] for each in at.desk.ledger.everything()["notes"]] == ["序号从 1 跳到 3"]


async def test_files_that_nobody_fetches_are_seen(folders: Folders) -> None:
    await folders.bridge.send(package())
    for name in folders.names:
        os.utime(folders.out / name, (0, 0))
    (out, *_) = await folders.bridge.probe()
    assert not out.ok
    assert "无人取走" in out.words


async def test_a_folder_that_hangs_holds_one_thread_and_makes_no_doubts(
    folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounted, begun = threading.Event(), list[str]()
    really = folder_module.lay

    def hangs(folder: Path, name: str, content: bytes) -> None:
        begun.append(name)
        mounted.wait(30)
        really(folder, name, content)

    monkeypatch.setattr(folder_module, "lay", hangs)
    monkeypatch.setattr(folder_module, "TURN_SECONDS", 0.2)
    try:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await folders.bridge.send(package("a.1"))
        for number in range(2, 5):
            with pytest.raises(NotNow):
                await folders.bridge.send(package(f"a.{number}"))
        assert len(begun) == 1
    finally:
        mounted.set()
    assert (await folders.bridge.send(package("a.1"))).repeated
    assert (await folders.bridge.send(package("a.2"))).ledger_no == "000000002"
