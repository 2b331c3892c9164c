"""How is a message given to a gateway by HTTP, and when is it certain that they have it?

Only an answer in their own words is a yes. What broke off before the connection stood never arrived; what broke off
later may have. The bytes on the wire are described in `README.md` of this folder.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote

import httpx2
import msgspec

from adapters.bridge import InDoubt, NotNow, Probed
from adapters.bridges.signing import Doorkeeper, signed
from adapters.bridges.transports.http import trust
from adapters.bridges.writing import clean
from adapters.errors import Misconfigured, Refused, Unsupported
from adapters.reading import printable
from adapters.sms.receipts import read_items
from adapters.sms.settings import SmsHttpSettings
from adapters.sms_gateway import Fate, GatewayName, Receipts, SmsAbility, Taken, TextMessage, Whereabouts
from adapters.sms_text import signed as with_signature

MAX_ANSWER_BYTES: Final = 64 * 1024
MAX_ID: Final = 200
MOST_SEGMENTS: Final = 20
"""So many pieces no text of ours takes: whoever says more does not say."""
KEEP_SECONDS: Final = 4.0
"""An idle connection is not used again after that: a request that meets the server's close is in doubt for nothing."""
_NEVER_ARRIVED = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.ProxyError)


class _Data(msgspec.Struct, frozen=True):
    id: str = ""
    segments: int = 0
    repeated: bool = False
    state: str = ""

    @property
    def their_id(self) -> str:
        """As it can be kept."""
        return clean(self.id)[:MAX_ID]

    @property
    def charged(self) -> int:
        """In segments; 0: they do not say."""
        return self.segments if 0 < self.segments <= MOST_SEGMENTS else 0


class _Answer(msgspec.Struct, frozen=True):
    code: str
    message: str = ""
    data: _Data = _Data()


class HttpGateway:
    """One gateway's address."""

    def __init__(
        self,
        name: GatewayName,
        settings: SmsHttpSettings,
        *,
        key: bytes | None,
        token: bytes | None,
        door: Doorkeeper | None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`key`: what is signed with. `door`: who may push receipts. Raises `Misconfigured`: the certificate."""
        self.name = name
        self.signature = settings.signature
        self.max_segments = settings.max_segments
        self.max_body_bytes = settings.receipts.max_body_bytes if settings.receipts is not None else 0
        self._settings = settings
        self._key, self._token, self._door = key, token, door
        self._now = now
        self._verify = trust(settings)
        self._client: httpx2.AsyncClient | None = None

    @property
    def abilities(self) -> frozenset[SmsAbility]:
        """What the settings say that they can do."""
        said = {
            SmsAbility.DEDUPLICATES: self._settings.deduplicates,
            SmsAbility.CAN_ASK: self._settings.asks,
            SmsAbility.RECEIPTS: self._door is not None,
        }
        return frozenset(ability for ability, there in said.items() if there)

    async def send(self, message: TextMessage) -> Taken:
        """Post it; see `SmsGateway`."""
        document = {
            "key": message.key,
            "number": message.number,
            "text": with_signature(message.text, self.signature),
            "template": message.template,
        }
        status, answer = await self._call("POST", "/messages", message.key, msgspec.json.encode(document))
        if answer is not None and 200 <= status < 300 and answer.code == "0":
            data = answer.data
            return Taken(at=self._now(), their_id=data.their_id, segments=data.charged, repeated=data.repeated)
        if status in (401, 403):
            raise Misconfigured(f"短信网关不认可我方签名或令牌（HTTP {status}）：请核对 secret、token 和双方时钟")
        if answer is not None and answer.code != "0" and 400 <= status < 500:
            raise Refused(printable(answer.message or answer.code)[:200])
        raise InDoubt(f"读不懂短信网关的答复（HTTP {status}），不知道是否收下")

    async def ask(self, key: str) -> Whereabouts | None:
        """Ask for it by our key; see `SmsGateway`."""
        if SmsAbility.CAN_ASK not in self.abilities:
            raise Unsupported("短信网关没有查询接口")
        try:
            status, answer = await self._call("GET", f"/messages/{quote(key, safe='')}", f"ask-{key}", b"")
        except InDoubt as error:
            raise NotNow(str(error)) from error
        if status in (401, 403):
            raise Misconfigured(f"短信网关不认可我方签名或令牌（HTTP {status}）：请核对 secret、token 和双方时钟")
        if answer is not None and status == 404 and answer.code == "NOT_FOUND":
            return None
        if answer is None or status != 200 or answer.code != "0":
            raise NotNow(f"读不懂短信网关对查询的答复（HTTP {status}）")
        fate = Fate(answer.data.state) if answer.data.state in (Fate.DELIVERED, Fate.FAILED) else None
        return Whereabouts(their_id=answer.data.their_id, fate=fate, segments=answer.data.charged)

    def read_receipts(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Receipts:
        """Verify and read; see `SmsGateway`."""
        if self._door is None:
            raise Unsupported("没有设置状态报告的密钥（receipts）")
        self._door.check(headers, body, now)
        return read_items(body, now)

    async def probe(self) -> Sequence[Probed]:
        """Reach them, and ask for a key that nobody has."""
        try:
            if SmsAbility.CAN_ASK in self.abilities:
                found = await self.ask("hotline-probe-no-such-key")
                words = "网关认可我方签名，查询接口正常" if found is None else "网关说有一条并不存在的短信"
                return [Probed("签名与查询", found is None, words)]
            status, _ = await self._call("GET", "/", "probe", b"")
        except (NotNow, InDoubt, Misconfigured) as error:
            return [Probed("连接", False, str(error))]
        return [Probed("连接", status < 500, f"网关答复 HTTP {status}")]

    async def close(self) -> None:
        """Close the connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _call(self, method: str, path: str, message: str, body: bytes) -> tuple[int, _Answer | None]:
        """Status and answer; None: not one of theirs. Raises `NotNow`, `InDoubt`, `Misconfigured`."""
        headers = {"content-type": "application/json", "accept-encoding": "identity", "idempotency-key": message}
        if self._key is not None:
            headers |= signed(self._key, message, self._now(), body)
        if self._token is not None:
            headers["authorization"] = f"Bearer {self._token.decode()}"
        more: dict[str, Any] = {"content": body} if method == "POST" else {}
        url = self._settings.url.rstrip("/") + path
        whole = self._settings.connect_seconds + 2 * self._settings.answer_seconds
        try:
            async with (
                asyncio.timeout(whole),
                self._opened().stream(method, url, headers=headers, **more) as answer,
            ):
                after = answer.headers.get("retry-after", "")
                if answer.status_code in (429, 503):
                    pause = float(after) if after.isascii() and after.isdigit() else None
                    raise NotNow(f"短信网关暂时不收（HTTP {answer.status_code}）", after_seconds=pause)
                return answer.status_code, _read(await _whole(answer))
        except _NEVER_ARRIVED as error:
            if "CERTIFICATE" in str(error).upper():
                raise Misconfigured("verify：网关的证书核对不过：请向对方索取签发机构的证书文件") from error
            raise NotNow(f"连不上短信网关（{type(error).__name__}）：请核对网络和地址") from error
        except (TimeoutError, httpx2.TimeoutException) as error:
            raise InDoubt("短信网关没有在时限内答复，不知道是否收下") from error
        except httpx2.InvalidURL as error:
            raise Misconfigured("url：地址不正确") from error
        except (httpx2.HTTPError, httpx2.StreamError, OSError) as error:
            raise InDoubt(f"连接在答复之前中断（{type(error).__name__}），不知道是否收下") from error

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


async def _whole(answer: httpx2.Response) -> bytes:
    body = b""
    async for part in answer.aiter_raw():
        body += part
        if len(body) > MAX_ANSWER_BYTES:
            raise InDoubt("短信网关的答复过长，没有读完，不知道是否收下")
    return body


def _read(body: bytes) -> _Answer | None:
    try:
        return msgspec.json.decode(body, type=_Answer)
    except msgspec.DecodeError:
        return None
