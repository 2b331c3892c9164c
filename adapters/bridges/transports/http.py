"""How is a case handed over by HTTP, and when is it certain that it arrived?

Only an answer that says so, in the receiver's own words, is a yes: a firewall's page with status 200 is none. What
broke off before the connection stood never arrived; what broke off later may have.
"""

from __future__ import annotations

import asyncio
import hashlib
import ssl
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import quote

import httpx2

from adapters.bridge import Batch, BridgeAbility, InDoubt, NotNow, Probed, Receipt, Standing
from adapters.bridges.incoming import standings
from adapters.bridges.mapping import Answer, BridgeMapping, HttpPaths
from adapters.bridges.settings import HttpSettings
from adapters.bridges.signing import signed
from adapters.bridges.transports.answers import Verdict, heard_as, judge
from adapters.bridges.transports.transport import Parcel, What
from adapters.bridges.writing import TYPES, decode, encode
from adapters.errors import Misconfigured, Undecodable, Unsupported
from adapters.reading import printable

MAX_ANSWER_BYTES: Final = 1024 * 1024
MAX_LIST_BYTES: Final = 32 * 1024 * 1024
KEEP_SECONDS: Final = 4.0
"""An idle connection is not used again after that: most servers close theirs after 5 s, and a request that meets the
close is in doubt for nothing."""
SKEW_SECONDS: Final = 60.0
"""A clock that is further away than that is told; signatures are refused at five minutes."""
_NEVER_ARRIVED = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.ProxyError)


class HttpTransport:
    """One receiver's address."""

    def __init__(
        self,
        settings: HttpSettings,
        mapping: BridgeMapping,
        *,
        key: bytes | None,
        token: bytes | None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`key`: what is signed with. Raises `Misconfigured` when the mapping does not say how answers are read, or the
        certificate cannot be."""
        if mapping.answer is None:
            raise Misconfigured("mapping：缺少 [answer]：用 http 时要写明怎样从答复中看出对方收下了")
        self._settings = settings
        self._mapping = mapping
        self._answer: Answer = mapping.answer
        self._paths = mapping.http or HttpPaths()
        self._key, self._token = key, token
        self._now = now
        self._verify = trust(settings)
        self._client: httpx2.AsyncClient | None = None
        self._ahead: timedelta | None = None
        """How far their clock was ahead when they last said what time it is."""

    @property
    def abilities(self) -> frozenset[BridgeAbility]:
        """What the mapping says that they can do."""
        found = {BridgeAbility.CARRIES_FILE}
        if self._mapping.deduplicates:
            found.add(BridgeAbility.DEDUPLICATES)
        if self._mapping.standing is not None:
            if self._paths.ask is not None:
                found.add(BridgeAbility.CAN_ASK)
            if self._paths.list is not None:
                found.add(BridgeAbility.LISTS)
        if self._paths.figures is not None:
            found.add(BridgeAbility.CARRIES_FIGURES)
        if self._paths.news is not None:
            found.add(BridgeAbility.TELLS)
        return frozenset(found)

    async def send(self, parcel: Parcel, *, again: bool) -> Receipt:
        """Post it. `again` changes nothing: nothing is remembered here."""
        path = {What.FIGURES: self._paths.figures, What.NEWS: self._paths.news}.get(parcel.what, self._paths.send)
        if path is None:
            raise Unsupported(f"对方没有接收这一内容的地址：请在映射文件的 [http] 写明 {parcel.what}")
        body = encode(parcel.tree, self._mapping.format, self._mapping.root)
        status, answer = await self._call("POST", path, parcel.key, body, MAX_ANSWER_BYTES, key=parcel.key)
        verdict = judge(status, answer, self._answer, self._mapping.format, key=parcel.key, case=parcel.what)
        if verdict.error is not None:
            raise verdict.error
        return Receipt(
            at=self._now(),
            digest=hashlib.sha256(answer).hexdigest(),
            their_no=verdict.their_no,
            repeated=verdict.repeated,
        )

    async def ask(self, key: str) -> Standing | None:
        """Ask for it by our key. An answer that is not theirs says nothing, least of all that they do not have it."""
        if BridgeAbility.CAN_ASK not in self.abilities or self._paths.ask is None:
            raise Unsupported("对方没有按移交标识查询的接口")
        verdict, answer = await self._question(self._paths.ask, key=key)
        if verdict.absent:
            return None
        found = self._standings(answer)
        if len(found) != 1 or (found[0].key and found[0].key != key):
            raise NotNow("查询的答复不是所问的那一件")
        return found[0]

    async def list_day(self, day: date) -> Sequence[Standing]:
        """What they have of that day."""
        if BridgeAbility.LISTS not in self.abilities or self._paths.list is None:
            raise Unsupported("对方没有按日列出的接口")
        _, answer = await self._question(self._paths.list, day=day.isoformat())
        return self._standings(answer)

    async def news(self) -> Batch:
        """Raises `Unsupported`: they call back."""
        raise Unsupported("对方以 HTTP 回告，没有可以取的消息")

    async def heard(self, ids: Sequence[str]) -> None:
        """Raises `Unsupported`."""
        raise Unsupported("对方以 HTTP 回告，没有可以取的消息")

    async def probe(self) -> Sequence[Probed]:
        """Reach them; ask for a key that nobody has."""
        path = self._paths.probe or "/"
        try:
            status, _ = await self._call("GET", path, "probe", b"", MAX_ANSWER_BYTES)
        except (NotNow, InDoubt) as error:
            return [Probed("连接", False, str(error))]
        except Misconfigured as error:
            return [Probed("连接", False, str(error))]
        named = self._paths.probe is not None
        ok = 200 <= status < 300 if named else status < 500
        words = f"对方答复 HTTP {status}" + ("" if ok else "：请对方核对服务是否正常")
        found = [Probed("连接", ok, words)]
        if self._ahead is not None:
            found.append(_clock(self._ahead))
        if BridgeAbility.CAN_ASK in self.abilities:
            found.append(await self._probe_asking())
        return found

    async def close(self) -> None:
        """Close the connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _probe_asking(self) -> Probed:
        what = "签名与查询"
        try:
            found = await self.ask("hotline-probe-no-such-key")
        except (NotNow, Misconfigured) as error:
            return Probed(what, False, str(error))
        if found is not None:
            return Probed(what, False, "对方说有一件并不存在的移交：请对方核对查询接口")
        return Probed(what, True, "对方认可我方签名，查询接口正常")

    async def _question(self, path: str, *, key: str = "", day: str = "") -> tuple[Verdict, bytes]:
        given = self._paths.ask_body or ""
        body = given.replace("{key}", key).replace("{day}", day).encode()
        try:
            status, answer = await self._call(
                self._paths.ask_method, path, f"ask-{key or day}", body, MAX_LIST_BYTES, key=key, day=day
            )
        except InDoubt as error:
            raise NotNow(str(error)) from error
        verdict = heard_as(status, answer, self._answer, self._mapping.format)
        if verdict.error is not None:
            raise verdict.error
        return verdict, answer

    def _standings(self, answer: bytes) -> list[Standing]:
        try:
            return list(standings(decode(answer, self._mapping.format), self._mapping, self._now()))
        except Undecodable as error:
            raise NotNow(f"读不懂对方的清单：{error}") from error

    async def _call(
        self, method: str, path: str, message: str, body: bytes, limit: int, *, key: str = "", day: str = ""
    ) -> tuple[int, bytes]:
        """Status and body. Raises `NotNow` when it never arrived, `InDoubt` when that is not known, `Misconfigured`."""
        url = self._settings.url.rstrip("/") + path.replace("{key}", quote(key, safe="")).replace("{day}", day)
        headers = {"content-type": TYPES[self._mapping.format], "accept-encoding": "identity"}
        if key:
            headers["idempotency-key"] = key
        if self._key is not None:
            headers |= signed(self._key, message, self._now(), body)
        if self._token is not None:
            headers["authorization"] = f"Bearer {self._token.decode()}"
        more: dict[str, Any] = {"content": body} if body or method == "POST" else {}
        whole = self._settings.connect_seconds + 2 * self._settings.answer_seconds
        try:
            async with (
                asyncio.timeout(whole),
                self._opened().stream(method, url, headers=headers, **more) as answer,
            ):
                status = answer.status_code
                self._ahead = _ahead(answer.headers.get("date", ""), self._now())
                after = answer.headers.get("retry-after", "")
                if status in (429, 503):
                    raise NotNow(
                        f"对方暂时不收（HTTP {status}）",
                        after_seconds=float(after) if after.isascii() and after.isdigit() else None,
                    )
                return status, await _read(answer, limit)
        except _NEVER_ARRIVED as error:
            if "CERTIFICATE" in str(error).upper():
                raise Misconfigured("http.verify：对方的证书核对不过：请向对方索取签发机构的证书文件") from error
            raise NotNow(f"连不上对方（{type(error).__name__}）：请核对网络和地址") from error
        except (TimeoutError, httpx2.TimeoutException) as error:
            raise InDoubt("对方没有在时限内答复，不知道是否收到") from error
        except httpx2.InvalidURL as error:
            raise Misconfigured("http.url：地址不正确") from error
        except (httpx2.HTTPError, httpx2.StreamError, OSError) as error:
            raise InDoubt(f"连接在答复之前中断（{printable(type(error).__name__)}），不知道是否收到") from error

    def _opened(self) -> httpx2.AsyncClient:
        if self._client is None:
            self._client = httpx2.AsyncClient(
                verify=self._verify,
                timeout=httpx2.Timeout(self._settings.answer_seconds, connect=self._settings.connect_seconds),
                limits=httpx2.Limits(max_connections=16, keepalive_expiry=KEEP_SECONDS),
                follow_redirects=False,
                trust_env=False,
            )
        return self._client


def _ahead(date: str, now: datetime) -> timedelta | None:
    try:
        return parsedate_to_datetime(date) - now
    except (ValueError, TypeError):
        return None


def _clock(ahead: timedelta) -> Probed:
    seconds = ahead.total_seconds()
    if abs(seconds) <= SKEW_SECONDS:
        return Probed("对方时钟", True, f"与本机相差 {abs(seconds):.0f} 秒")
    words = (
        f"比本机{'快' if seconds > 0 else '慢'} {abs(seconds):.0f} 秒，相差超过 300 秒时签名互不承认：请双方对时（NTP）"
    )
    return Probed("对方时钟", False, words)


async def _read(answer: httpx2.Response, limit: int) -> bytes:
    parts, size = list[bytes](), 0
    async for part in answer.aiter_raw():
        size += len(part)
        if size > limit:
            raise InDoubt(f"对方的答复超过 {limit // 1024} KB，没有读完，不知道是否收下")
        parts.append(part)
    return b"".join(parts)


def trust(settings: HttpSettings) -> ssl.SSLContext | bool:
    """By which authorities the other side's certificate is checked. Raises `Misconfigured`."""
    if settings.verify is False or settings.url.startswith("http:"):
        return False
    if settings.verify is True:
        return ssl.create_default_context()
    try:
        return ssl.create_default_context(cafile=str(settings.verify))
    except ssl.SSLError as error:
        raise Misconfigured(f"http.verify：{settings.verify} 不是 PEM 格式的证书") from error
    except OSError as error:
        raise Misconfigured(f"http.verify：读不到 {settings.verify}（{error.strerror or error}）") from error
