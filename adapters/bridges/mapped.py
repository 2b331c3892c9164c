"""A bridge is a mapping and one way: what the receiver wants to know, and how it gets there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

import msgspec

from adapters.bridge import Batch, BridgeAbility, BridgeName, IncomingCase, Missing, OwnNews, Probed, Receipt, Standing
from adapters.bridges.incoming import case, news
from adapters.bridges.mapping import BridgeMapping
from adapters.bridges.outgoing import basics, document, figures_document, missing, news_document, said
from adapters.bridges.signing import Doorkeeper
from adapters.bridges.transports.transport import Parcel, Transport, What
from adapters.bridges.writing import TYPES, decode
from adapters.errors import Refused, Undecodable, Unsupported
from adapters.handover_package import DailyFigures, HandoverPackage

MAX_BODY_BYTES = 256 * 1024


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """What is so for this kind of receiver, whatever the way."""

    confirmed: bool = False
    """Nothing goes there unless a person has confirmed it."""
    figures: bool = False
    """It takes the day's figures."""


class MappedBridge:
    """`Bridge` and, where its mapping says so, `SendsFigures`, `TakesCases` and `TellsNews`."""

    def __init__(
        self,
        name: BridgeName,
        *,
        mapping: BridgeMapping,
        transport: Transport | None,
        rules: Rules,
        dials: str = "",
        doorkeeper: Doorkeeper | None = None,
        max_body_bytes: int = MAX_BODY_BYTES,
    ) -> None:
        """`transport`: None where only calls are passed on. `doorkeeper`: None where nobody calls back."""
        self._name = name
        self._mapping = mapping
        self._transport = transport
        self._rules = rules
        self._dials = dials
        self._doorkeeper = doorkeeper
        self._max_body_bytes = max_body_bytes

    @property
    def name(self) -> BridgeName:
        """The name in the settings file."""
        return self._name

    @property
    def abilities(self) -> frozenset[BridgeAbility]:
        """What its way and its settings make possible."""
        found = set(self._transport.abilities) if self._transport is not None else set[BridgeAbility]()
        if not self._rules.figures:
            found.discard(BridgeAbility.CARRIES_FIGURES)
        if self._dials:
            found.add(BridgeAbility.CARRIES_CALL)
        if self._doorkeeper is not None and self._mapping.news is not None:
            found.add(BridgeAbility.CALLS_BACK)
        if self._doorkeeper is not None and self._mapping.case is not None:
            found.add(BridgeAbility.TAKES_CASES)
        if self._mapping.news is None:
            found.discard(BridgeAbility.TELLS)
        return frozenset(found)

    @property
    def dials(self) -> str:
        """The number to which live calls are passed on."""
        return self._dials

    @property
    def max_body_bytes(self) -> int:
        """A longer callback is refused before it is read."""
        return self._max_body_bytes

    @property
    def reply(self) -> tuple[bytes, str]:
        """As the mapping says."""
        return self._mapping.reply.encode(), TYPES[self._mapping.format]

    def check(self, package: HandoverPackage) -> Sequence[Missing]:
        """What is missing for anybody, and what for this receiver."""
        return [*basics(package, confirmed=self._rules.confirmed), *missing(package, self._mapping)]

    async def send(self, package: HandoverPackage, *, again: bool = False) -> Receipt:
        """Hand it over."""
        if found := self.check(package):
            raise Refused(f"还不能移交：{said(found)}")
        parcel = Parcel(key=package.key, tree=document(package, self._mapping))
        return await self._way("移交单").send(parcel, again=again)

    async def send_figures(self, figures: DailyFigures, *, again: bool = False) -> Receipt:
        """Report a day."""
        if BridgeAbility.CARRIES_FIGURES not in self.abilities:
            raise Unsupported("这个对接桥不报送每日数据")
        parcel = Parcel(key=figures.key, tree=figures_document(figures, self._mapping), what=What.FIGURES)
        return await self._way("每日数据").send(parcel, again=again)

    async def ask(self, key: str) -> Standing | None:
        """How they have it."""
        return await self._way("查询").ask(key)

    async def news(self) -> Batch:
        """What they have laid down."""
        return await self._way("消息").news()

    async def heard(self, ids: Sequence[str]) -> None:
        """It need not be told again."""
        await self._way("消息").heard(ids)

    def read_callback(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Batch:
        """Verify and read what they pushed."""
        if self._doorkeeper is None or self._mapping.news is None:
            raise Unsupported("这个对接桥不收回告")
        self._doorkeeper.check(headers, body, now)
        if len(body) > self._max_body_bytes:
            raise Undecodable("内容太长")
        return news(decode(body, self._mapping.format), self._mapping, now)

    def read_case(self, headers: Mapping[str, str], body: bytes, now: datetime) -> IncomingCase:
        """Verify and read a case that they hand to us."""
        if self._doorkeeper is None or self._mapping.case is None:
            raise Unsupported("这个对接桥不收转入的事项：请在映射文件写明 [case]，在设置写明 callback")
        self._doorkeeper.check(headers, body, now)
        if len(body) > self._max_body_bytes:
            raise Undecodable("内容太长")
        return case(decode(body, self._mapping.format), self._mapping)

    def case_reply(self, case: IncomingCase, our_no: str, *, repeated: bool) -> tuple[bytes, str]:
        """As the mapping says."""
        fields = self._mapping.case
        if fields is None:
            raise Unsupported("这个对接桥不收转入的事项")
        words = fields.reply_repeated if repeated and fields.reply_repeated is not None else fields.reply
        # Neither holds anything that would have to be quoted.
        return words.replace("{key}", case.key).replace("{number}", our_no).encode(), TYPES[self._mapping.format]

    async def tell(self, news: OwnNews) -> Receipt:
        """Tell them what became of a case of theirs."""
        if BridgeAbility.TELLS not in self.abilities:
            raise Unsupported("不能告知对方：请在映射文件写明 [http] 的 news")
        parcel = Parcel(key=news.id, tree=news_document(news, self._mapping), what=What.NEWS)
        return await self._way("消息").send(parcel, again=False)

    async def list_day(self, day: date) -> Sequence[Standing]:
        """What they have of that day."""
        return await self._way("清单").list_day(day)

    async def probe(self) -> Sequence[Probed]:
        """Try the way, if there is one."""
        found: list[Probed] = []
        if self._dials:
            found.append(Probed("语音", True, f"转接号码 {self._dials}；是否打得通，请在坐席台试拨"))
        if self._transport is not None:
            found.extend(await self._transport.probe())
        return found

    async def close(self) -> None:
        """Let go of connections."""
        if self._transport is not None:
            await self._transport.close()

    def _way(self, what: str) -> Transport:
        if self._transport is None:
            raise Unsupported(f"这个对接桥只转通话，没有{what}：请写明 http、folder 或 table")
        return self._transport
