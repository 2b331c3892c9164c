"""How is a case handed over by files (落地文件), through a network gate (网闸) that only goes one way if need be?

Ours are numbered without a gap. `000000012-case-9f3c….json` is whole when the same name with `.ok` lies beside it; who
reads looks for that mark first. What was laid down is in the book (`book.py`), because the gate
takes files away: a second `send` of one key lays nothing down a second time.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final, NamedTuple

from adapters.bridge import Batch, BridgeAbility, InDoubt, News, NotNow, Probed, Receipt, SetAside, Standing
from adapters.bridges.incoming import news, standings
from adapters.bridges.mapping import BridgeMapping
from adapters.bridges.settings import FolderSettings
from adapters.bridges.transports.book import Book, Laid, Stage
from adapters.bridges.transports.files import MARK, PART, Mark, NotWhole, lay, touched, whole
from adapters.bridges.transports.transport import Parcel
from adapters.bridges.writing import decode, encode
from adapters.errors import Misconfigured, Refused, Undecodable, Unsupported

MAX_FILE_BYTES: Final = 4 * 1024 * 1024
MAX_LIST_BYTES: Final = 32 * 1024 * 1024
FILES_AT_ONCE: Final = 500
LEAST_FREE_BYTES: Final = 100 * 1024 * 1024
TURN_SECONDS: Final = 30.0
"""So long a file waits for the one before it. A folder that hangs holds one thread, and what waits was never sent."""
LONG_LAIN_SECONDS: Final = 3600.0
"""A gate that has not fetched a file for an hour is out of order."""


class _Waiting(NamedTuple):
    ids: set[str]
    stamp: tuple[int, int, int] | None


class FolderTransport:
    """Two folders of one receiver, and a folder of our own."""

    def __init__(
        self,
        settings: FolderSettings,
        mapping: BridgeMapping,
        *,
        work: Path,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`work`: where the book and what was set aside are kept. Raises `Misconfigured` when both ways are one."""
        if settings.inbox is not None and settings.inbox.absolute() == settings.out.absolute():
            raise Misconfigured("folder.inbox：与 out 是同一个目录，会把自己发出的当作收到的：请分开")
        if mapping.format == "form":
            raise Misconfigured("mapping：落地文件的 format 只能是 json 或 xml")
        self._settings = settings
        self._mapping = mapping
        self._book = Book(work / "laid.sqlite")
        self._bad = work / "set-aside"
        self._now = now
        self._one = asyncio.Lock()
        """One after the other: the numbers and the files appear in the same order."""
        self._waiting: dict[Path, _Waiting] = {}
        """Files whose news are not all heard."""
        self._flawed: set[Path] = set()
        """Of these: the ones in which something could not be used."""

    @property
    def abilities(self) -> frozenset[BridgeAbility]:
        """What the settings say that they do."""
        found = {BridgeAbility.CARRIES_FILE, BridgeAbility.CARRIES_FIGURES}
        if self._mapping.deduplicates:
            found.add(BridgeAbility.DEDUPLICATES)
        if self._settings.inbox is not None and self._mapping.news is not None:
            found.add(BridgeAbility.POLLED)
        if self._settings.inbox is not None and self._settings.lists and self._mapping.standing is not None:
            found.add(BridgeAbility.LISTS)
        return frozenset(found)

    async def send(self, parcel: Parcel, *, again: bool) -> Receipt:
        """Lay it down. A key that lay there once is not laid down again, unless `again`."""
        content = encode(parcel.tree, self._mapping.format, self._mapping.root)
        try:
            async with asyncio.timeout(TURN_SECONDS):
                await self._one.acquire()
        except TimeoutError:
            raise NotNow(f"前一个文件还没有写完：请核对 {self._settings.out} 的挂载和磁盘") from None
        # Whoever gives up waiting does not stop the thread: until it has ended, nobody else lays anything down.
        work = asyncio.ensure_future(asyncio.to_thread(self._send, parcel, content, again))
        work.add_done_callback(self._laid)
        return await asyncio.shield(work)

    def _laid(self, work: asyncio.Future[Receipt]) -> None:
        self._one.release()
        if not work.cancelled():
            work.exception()  # told to whoever waits; where nobody does any more, the book knows

    async def ask(self, key: str) -> Standing | None:
        """Raises `Unsupported`: nobody answers in a folder."""
        raise Unsupported("落地文件没有查询")

    async def news(self) -> Batch:
        """The news in the files that are whole. Those that are not after a while are set aside."""
        inbox = self._inbox()
        return await asyncio.to_thread(self._news, inbox)

    async def heard(self, ids: Sequence[str]) -> None:
        """Delete the files of which everything is heard: the service has it, and they hold personal data."""
        self._inbox()
        await asyncio.to_thread(self._heard, frozenset(ids))

    async def list_day(self, day: date) -> Sequence[Standing]:
        """Their list of that day, once it lies there."""
        if BridgeAbility.LISTS not in self.abilities:
            raise Unsupported("没有约定对方每日放清单")
        return await asyncio.to_thread(self._list_day, self._inbox(), day)

    async def probe(self) -> Sequence[Probed]:
        """Look at both folders; write and remove a file that no gate carries."""
        return await asyncio.to_thread(lambda: list(self._probe()))

    async def close(self) -> None:
        """Nothing is open."""

    def _send(self, parcel: Parcel, content: bytes, again: bool) -> Receipt:
        digest = hashlib.sha256(content).hexdigest()
        laid = self._book.find(parcel.key)
        if laid is not None and laid.stage is Stage.BEGUN:
            again = False  # it never showed, so its number is still good, and no gap arises
        if laid is not None and not again:
            if laid.digest != digest:
                raise Refused("同一移交标识以前发过别的内容：请另建移交，不要改动已发出的")
            settled = self._settle(laid)
            if settled is not None:
                return settled
        # An empty mount point looks like a folder: what is written there is under the mount, and lost.
        if not self._settings.out.is_dir():
            raise NotNow(f"目录 {self._settings.out} 不在：请核对是否已挂载")
        if laid is None or again:
            short = hashlib.sha256(parcel.key.encode()).hexdigest()[:12]
            laid = self._book.begin(
                parcel.key,
                digest,
                self._now(),
                lambda number: f"{number:09d}-{parcel.what}-{short}.{self._mapping.format}",
            )
        mark = Mark(seq=laid.number, name=laid.name, bytes=len(content), sha256=digest, key=parcel.key)
        try:
            lay(self._settings.out, laid.name, content)
            self._book.reached(laid.key, Stage.SHOWING)
            lay(self._settings.out, laid.name + MARK, mark.text())
        except OSError as error:
            raise NotNow(f"写不进 {self._settings.out}（{error.strerror or error}）：请核对磁盘空间和权限") from error
        self._book.reached(laid.key, Stage.DONE)
        return self._receipt(laid, repeated=False)

    def _settle(self, laid: Laid) -> Receipt | None:
        """What became of an earlier attempt; None: it never showed, and may be laid down."""
        if laid.stage is Stage.DONE:
            return self._receipt(laid, repeated=True)
        out = self._settings.out
        if not out.is_dir():
            raise NotNow(f"目录 {out} 不在：请核对是否已挂载")
        if (out / (laid.name + MARK)).exists():
            self._book.reached(laid.key, Stage.DONE)
            return self._receipt(laid, repeated=True)
        if laid.stage is Stage.BEGUN or (out / laid.name).exists() or self._mapping.deduplicates:
            return None
        raise InDoubt(f"第 {laid.number} 号文件写到一半时中断，现在不在目录中：可能已被取走，请向对方核实")

    def _receipt(self, laid: Laid, *, repeated: bool) -> Receipt:
        return Receipt(at=laid.begun_at, digest=laid.digest, ledger_no=f"{laid.number:09d}", repeated=repeated)

    def _inbox(self) -> Path:
        if self._settings.inbox is None or self._mapping.news is None:
            raise Unsupported("没有约定对方放回告文件的目录")
        return self._settings.inbox

    def _news(self, inbox: Path) -> Batch:
        told: dict[str, News] = {}
        aside: list[SetAside] = []
        for file in self._found(inbox)[:FILES_AT_ONCE]:
            match self._open(file):
                case SetAside() as one:
                    try:
                        self._put_aside(file)
                    except NotNow as stuck:
                        one = SetAside(id=one.id, reason=f"{one.reason}；{stuck}")
                    aside.append(one)
                case Batch() as batch:
                    self._waiting[file] = _Waiting({each.id for each in batch.news}, _stamp(file))
                    told |= {each.id: each for each in batch.news}
                    if batch.set_aside and file not in self._flawed:
                        self._flawed.add(file)
                        aside.extend(batch.set_aside)
                    if not batch.news:
                        self._finish(file)
                case None:
                    pass
        return Batch(news=tuple(told.values()), set_aside=tuple(aside))

    def _found(self, inbox: Path) -> list[Path]:
        ending = f".{self._mapping.format}"
        try:
            names = sorted(os.listdir(inbox))
        except OSError as error:
            raise NotNow(f"读不到目录 {inbox}（{error.strerror or error}）：请核对是否已挂载、有无权限") from error
        return [inbox / each for each in names if each.endswith(ending) and not each.startswith((".", "list-"))]

    def _open(self, file: Path) -> Batch | SetAside | None:
        """Its news, why it is to be set aside, or None while it is not whole."""
        try:
            content = self._whole(file, MAX_FILE_BYTES)
            if content is NotWhole.GROWING:
                age = time.time() - touched(file)
                if age < self._settings.stuck_seconds:
                    return None
                return SetAside(id=file.name, reason=f"文件 {file.name} 一直不完整：请对方重放")
            if content is NotWhole.GONE:
                return None
        except OSError as error:
            return SetAside(id=file.name, reason=f"文件 {file.name} 读不了（{error.strerror or error}）")
        if isinstance(content, NotWhole):
            return SetAside(id=file.name, reason=f"文件 {file.name} 超过 {MAX_FILE_BYTES // 1024 // 1024} MB")
        try:
            return news(decode(content, self._mapping.format), self._mapping, self._now())
        except Undecodable as error:
            return SetAside(id=file.name, reason=f"文件 {file.name}：{error}")

    def _whole(self, file: Path, limit: int) -> bytes | NotWhole:
        return whole(
            file, limit, marked=self._settings.marker, still_seconds=self._settings.still_seconds, now=time.time()
        )

    def _heard(self, ids: frozenset[str]) -> None:
        for file, waiting in list(self._waiting.items()):
            waiting.ids.difference_update(ids)
            if not waiting.ids:
                self._finish(file)

    def _finish(self, file: Path) -> None:
        """Nothing more is to be had of it."""
        waiting = self._waiting.pop(file, None)
        if waiting is None or waiting.stamp != _stamp(file):
            return  # written anew under the same name since: read again
        if file in self._flawed:
            self._flawed.discard(file)
            self._put_aside(file)
            return
        try:
            file.unlink(missing_ok=True)
            file.with_name(file.name + MARK).unlink(missing_ok=True)
        except OSError as error:
            raise NotNow(f"删不掉 {file.name}（{error.strerror or error}）：请核对目录的写权限") from error

    def _put_aside(self, file: Path) -> None:
        try:
            self._bad.mkdir(parents=True, exist_ok=True, mode=0o700)
            shutil.move(file, self._bad / file.name)
            file.with_name(file.name + MARK).unlink(missing_ok=True)
        except OSError as error:
            raise NotNow(f"移不走 {file.name}（{error.strerror or error}）：请核对目录的写权限") from error

    def _list_day(self, inbox: Path, day: date) -> list[Standing]:
        file = inbox / f"list-{day:%Y%m%d}.{self._mapping.format}"
        try:
            content = self._whole(file, MAX_LIST_BYTES)
        except OSError as error:
            raise NotNow(f"读不到 {file.name}（{error.strerror or error}）") from error
        if isinstance(content, NotWhole):
            raise NotNow(f"对方的清单 {file.name} {content.value}")
        try:
            return list(standings(decode(content, self._mapping.format), self._mapping, self._now()))
        except Undecodable as error:
            raise NotNow(f"读不懂对方的清单 {file.name}：{error}") from error

    def _probe(self) -> Iterator[Probed]:
        out, inbox = self._settings.out, self._settings.inbox
        yield self._probe_out(out)
        if inbox is not None:
            ok = os.access(inbox, os.R_OK | os.W_OK | os.X_OK)
            words = "可读、可取走" if ok else f"读不了或删不了 {inbox} 中的文件：请核对挂载和权限"
            yield Probed("回告目录", ok, words)
        try:
            self._book.find("hotline-probe-no-such-key")
        except Misconfigured as error:
            yield Probed("台账", False, str(error))

    def _probe_out(self, out: Path) -> Probed:
        probe = out / f".hotline-probe{PART}"
        try:
            probe.write_bytes(b"probe")
            probe.unlink()
            free = shutil.disk_usage(out).free
            lying = [each.stat().st_mtime for each in out.glob(f"*{MARK}")]
        except OSError as error:
            return Probed("发出目录", False, f"写不进 {out}（{error.strerror or error}）：请核对挂载和权限")
        if free < LEAST_FREE_BYTES:
            return Probed("发出目录", False, f"{out} 所在磁盘只剩 {free // 1024 // 1024} MB：请清理")
        if lying and time.time() - min(lying) > LONG_LAIN_SECONDS:
            hours = (time.time() - min(lying)) / 3600
            words = f"{len(lying)} 个文件无人取走，最早的已放 {hours:.0f} 小时：请核对网闸或对方程序"
            return Probed("发出目录", False, words)
        return Probed("发出目录", True, f"可写，有 {len(lying)} 个文件待取")


def _stamp(file: Path) -> tuple[int, int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
