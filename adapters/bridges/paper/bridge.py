"""Works when all else is down: a numbered sheet, carried by a person, who types in what the receiver said."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec

from adapters.bridge import Batch, BridgeAbility, BridgeName, Missing, NotNow, Probed, Receipt, Standing
from adapters.bridges.outgoing import basics, said
from adapters.bridges.paper.sheet import sheet
from adapters.bridges.settings import PaperSettings
from adapters.bridges.transports.book import Book, Laid, Stage
from adapters.bridges.transports.files import lay
from adapters.errors import Refused, Unsupported
from adapters.handover_package import HandoverPackage


class PaperBridge:
    """`Bridge` and `Prints`. Sheets lie in `work/sheets` until they are too old."""

    def __init__(
        self,
        name: BridgeName,
        settings: PaperSettings,
        *,
        work: Path,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._name = name
        self._settings = settings
        self._book = Book(work / "laid.sqlite")
        self._sheets = work / "sheets"
        self._now = now
        self._one = asyncio.Lock()

    @property
    def name(self) -> BridgeName:
        """The name in the settings file."""
        return self._name

    @property
    def abilities(self) -> frozenset[BridgeAbility]:
        """A key has one sheet, however often it is sent."""
        found = {BridgeAbility.CARRIES_FILE, BridgeAbility.DEDUPLICATES, BridgeAbility.PRINTS}
        if self._settings.dials:
            found.add(BridgeAbility.CARRIES_CALL)
        return frozenset(found)

    @property
    def dials(self) -> str:
        """The number to which live calls are passed on."""
        return self._settings.dials

    @property
    def max_body_bytes(self) -> int:
        """Nobody calls back."""
        return 0

    @property
    def reply(self) -> tuple[bytes, str]:
        """Nobody calls back."""
        return b"", "text/plain"

    def check(self, package: HandoverPackage) -> Sequence[Missing]:
        """Only what any receiver needs."""
        return basics(package, confirmed=self._settings.needs_confirmation)

    async def send(self, package: HandoverPackage, *, again: bool = False) -> Receipt:
        """Make the sheet. `again` makes it anew under the same number: one that was lost is printed again."""
        if found := self.check(package):
            raise Refused(f"还不能移交：{said(found)}")
        async with self._one:
            return await asyncio.to_thread(self._send, package, again)

    async def sheet(self, key: str) -> bytes | None:
        """The page of a package that was sent, while it is kept."""
        return await asyncio.to_thread(self._sheet, key)

    async def ask(self, key: str) -> Standing | None:
        """Raises `Unsupported`: a person asks."""
        raise Unsupported("纸质移交请电话询问对方")

    async def news(self) -> Batch:
        """Raises `Unsupported`: a person types them in."""
        raise Unsupported("纸质移交的回告由经办人录入")

    async def heard(self, ids: Sequence[str]) -> None:
        """Raises `Unsupported`."""
        raise Unsupported("纸质移交的回告由经办人录入")

    def read_callback(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Batch:
        """Raises `Unsupported`."""
        raise Unsupported("纸质移交不收回告")

    async def list_day(self, day: date) -> Sequence[Standing]:
        """Raises `Unsupported`."""
        raise Unsupported("纸质移交没有对方的清单")

    async def probe(self) -> Sequence[Probed]:
        """Can sheets be written?"""
        return [await asyncio.to_thread(self._probe)]

    async def close(self) -> None:
        """Nothing is open."""

    def _send(self, package: HandoverPackage, again: bool) -> Receipt:
        digest = hashlib.sha256(msgspec.json.encode(package)).hexdigest()
        laid = self._book.find(package.key)
        if laid is not None and laid.digest != digest:
            raise Refused("同一移交标识以前打印过别的内容：请另建移交")
        if laid is not None and laid.stage is Stage.DONE and not again:
            return _receipt(laid, repeated=True)
        if laid is None:
            laid = self._book.begin(package.key, digest, self._now(), lambda number: f"{number:06d}.html")
        page = sheet(
            package,
            number=_number(laid),
            title=self._settings.title,
            receiver=self._settings.receiver or self._name,
        )
        try:
            self._sheets.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._forget()
            lay(self._sheets, laid.name, page)
        except OSError as error:
            raise NotNow(f"写不进 {self._sheets}（{error.strerror or error}）：请核对磁盘空间和权限") from error
        self._book.reached(laid.key, Stage.DONE)
        return _receipt(laid, repeated=False)

    def _sheet(self, key: str) -> bytes | None:
        laid = self._book.find(key)
        if laid is None:
            return None
        try:
            return (self._sheets / laid.name).read_bytes()
        except OSError:
            return None

    def _forget(self) -> None:
        limit = (self._now() - timedelta(days=self._settings.keep_days)).timestamp()
        for file in self._sheets.glob("*.html"):
            if file.stat().st_mtime < limit:
                file.unlink(missing_ok=True)

    def _probe(self) -> Probed:
        try:
            self._sheets.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            return Probed("打印目录", False, f"建不了 {self._sheets}（{error.strerror or error}）")
        ok = os.access(self._sheets, os.W_OK | os.X_OK)
        return Probed("打印目录", ok, "可写" if ok else f"写不进 {self._sheets}：请核对权限")


def _number(laid: Laid) -> str:
    return f"{laid.begun_at:%Y}-{laid.number:06d}"


def _receipt(laid: Laid, *, repeated: bool) -> Receipt:
    return Receipt(at=laid.begun_at, digest=laid.digest, ledger_no=_number(laid), repeated=repeated)
