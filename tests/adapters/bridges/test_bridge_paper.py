"""The sheet: whole, readable, numbered once, and gone in time."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import pytest

from adapters.bridge import Bridge, Prints
from adapters.errors import Refused
from tests.adapters.bridges.stage import build, package


@pytest.fixture
def bridge(tmp_path: Path) -> Bridge:
    return build(tmp_path, {"kind": "paper", "receiver": "连云区信访局"})


async def test_a_sheet_has_everything_and_nothing_is_markup(bridge: Bridge) -> None:
    receipt = await bridge.send(package(confidential=True))
    assert isinstance(bridge, Prints)
    page = (await bridge.sheet(package().key) or b"").decode()
    assert receipt.ledger_no.endswith("-000001")
    assert receipt.their_no == ""
    for said in (
        receipt.ledger_no,
        "连云区信访局",
        "H1-20261123-000001",
        "13800138000",
        "2026-11-23 10:30:00",
        "个人单独同意",
        "工单流转",
        "紧急",
        "&lt;b&gt;&amp;",
        "rec-1",
        "合同.pdf",
        "来电人要求保密",
        "接收人（签名）",
        "@page",
    ):
        assert said in page
    assert "<b>" not in page
    assert "consent" not in page


async def test_one_key_one_number(bridge: Bridge, tmp_path: Path) -> None:
    first = await bridge.send(package("a.1"))
    assert msgspec.structs.replace(await bridge.send(package("a.1")), repeated=False) == first
    assert (await bridge.send(package("a.2"))).ledger_no.endswith("-000002")
    (tmp_path / "bridges" / "city" / "sheets" / "000001.html").unlink()
    assert isinstance(bridge, Prints)
    assert await bridge.sheet("a.1") is None
    assert (await bridge.send(package("a.1"), again=True)).ledger_no == first.ledger_no
    assert await bridge.sheet("a.1") is not None
    with pytest.raises(Refused):
        await bridge.send(package("a.1", facts="别的"))


async def test_old_sheets_are_deleted(bridge: Bridge, tmp_path: Path) -> None:
    await bridge.send(package("a.1"))
    sheet = tmp_path / "bridges" / "city" / "sheets" / "000001.html"
    assert sheet.stat().st_mode & 0o077 == 0 or sheet.parent.stat().st_mode & 0o077 == 0
    os.utime(sheet, (0, 0))
    await bridge.send(package("a.2"))
    assert not sheet.exists()
    assert isinstance(bridge, Prints)
    assert await bridge.sheet("a.1") is None
