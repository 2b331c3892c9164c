"""What is said on the live socket, by either side? The server's own types, and what `/asyncapi.json` is made from.

Changed things come whole (`hotline.hall.view`); the hub writes snapshots and events, a test holds its bytes against the
types here.
"""

from __future__ import annotations

from datetime import datetime
from enum import IntEnum
from typing import Any, Final, Literal

import msgspec

from hotline.api.problems import Problem
from hotline.hall.today import Today
from hotline.hall.view import CallView, LinkView, QueueView, SeatView


class CloseCode(IntEnum):
    """Why a socket is closed."""

    SILENT = 1001
    NOT_TEXT = 1003
    RESTART = 1012
    SIGN_IN_AGAIN = 4401
    NOT_ALLOWED = 4403
    TAKEN_OVER = 4409
    SLOW_DOWN = 4429


CLOSES: Final = {
    CloseCode.SILENT: "控制台超过 12 秒没有任何消息",
    CloseCode.NOT_TEXT: "收到了二进制消息",
    CloseCode.RESTART: "服务重启或切换：随机等待后重连（最长 15 秒）",
    CloseCode.SIGN_IN_AGAIN: "会话已结束：请重新登录",
    CloseCode.NOT_ALLOWED: "没有权限，或须先修改初始密码",
    CloseCode.TAKEN_OVER: "同一账号在另一处登录的窗口接管了坐席：不要自动重连",
    CloseCode.SLOW_DOWN: "读取过慢，或发送过多过长：稍后重连，重新取得快照",
}
"""Code → when, and what to do."""


# ── from the console ─────────────────────────────────────────────────────────────────────────────────────────────────


class Subscribe(msgspec.Struct, frozen=True, kw_only=True, tag="subscribe"):
    """Begin the stream."""

    topics: list[str] = []
    """`desk`: the own seat, its call, the queues; `hall`: everything. The wider one counts."""
    last_seq: int | None = None
    """The last event seen. The answer is a snapshot in any case: whole, and small."""


class Resync(msgspec.Struct, frozen=True, kw_only=True, tag="resync"):
    """Begin it anew."""

    topics: list[str] = []
    last_seq: int | None = None


class CommandAsked(msgspec.Struct, frozen=True, kw_only=True, tag="command"):
    """One of the desk's buttons."""

    id: int | None = None
    """Comes back with the result."""
    name: str = ""
    args: dict[str, Any] = {}


class BeatBack(msgspec.Struct, frozen=True, kw_only=True, tag="beat"):
    """Still here."""


FromConsole = Subscribe | Resync | CommandAsked | BeatBack


# ── to the console ───────────────────────────────────────────────────────────────────────────────────────────────────


class Hello(msgspec.Struct, frozen=True, kw_only=True, tag="hello"):
    """The first word."""

    server_time: datetime
    session: str
    """Names the sign-in, and cannot be used as one: for support."""
    heartbeat: float
    """Seconds between two beats."""


class Beat(msgspec.Struct, frozen=True, kw_only=True, tag="beat"):
    """Every `heartbeat` seconds."""

    server_time: datetime


class FieldFault(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong with one field."""

    field: str
    message: str


class ProblemBody(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The same members and codes as over HTTP (RFC 9457)."""

    type: str
    title: str
    status: int
    code: str
    detail: str = ""
    errors: list[FieldFault] = []

    @classmethod
    def of(cls, problem: Problem) -> ProblemBody:
        """As it is said."""
        return msgspec.convert(problem.body(), cls)


class Done(msgspec.Struct, frozen=True, kw_only=True, tag="result"):
    """What became of a command; what it changed comes as events."""

    id: int | None
    ok: bool
    problem: ProblemBody | msgspec.UnsetType = msgspec.UNSET
    """Only when not `ok`."""


class NotUnderstood(msgspec.Struct, frozen=True, kw_only=True, tag="problem"):
    """A message that could not be read."""

    problem: ProblemBody


class HallNow(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the console may see."""

    now: datetime
    seat: str | None
    """The number of the own seat."""
    seats: list[SeatView]
    calls: list[CallView]
    queues: list[QueueView]
    links: list[LinkView]
    today: Today


class Snapshot(msgspec.Struct, frozen=True, kw_only=True, tag="snapshot"):
    """What the stream starts from."""

    seq: int
    data: HallNow


class SeatEvent(msgspec.Struct, frozen=True, kw_only=True, tag="event"):
    """A seat changed: put it in the place of that number."""

    seq: int
    event: Literal["seat"]
    data: SeatView


class CallEvent(msgspec.Struct, frozen=True, kw_only=True, tag="event"):
    """A call changed: put it in the place of that id; `ended`: take it away."""

    seq: int
    event: Literal["call"]
    data: CallView


class QueueEvent(msgspec.Struct, frozen=True, kw_only=True, tag="event"):
    """A queue changed, at most four times a second."""

    seq: int
    event: Literal["queue"]
    data: QueueView


class LinkEvent(msgspec.Struct, frozen=True, kw_only=True, tag="event"):
    """A line went or came back, or its alarms changed: put it in the place of that adapter."""

    seq: int
    event: Literal["link"]
    data: LinkView


class TodayEvent(msgspec.Struct, frozen=True, kw_only=True, tag="event"):
    """The day's figures moved."""

    seq: int
    event: Literal["today"]
    data: Today


SAID: Final[dict[str, tuple[type[msgspec.Struct], str]]] = {
    "hello": (Hello, "连接后的第一条消息"),
    "snapshot": (Snapshot, "快照：订阅后的起点，也在服务切换后重新发送"),
    "seat": (SeatEvent, "坐席变化，按坐席号整体替换"),
    "call": (CallEvent, "通话变化，按通话标识整体替换；状态为 ended 时移除"),
    "queue": (QueueEvent, "队列变化，按名称整体替换"),
    "link": (LinkEvent, "线路连接或告警变化，按线路名称整体替换"),
    "today": (TodayEvent, "当日数字变化"),
    "beat": (Beat, "心跳，每 5 秒一次；控制台须回以 beat"),
    "result": (Done, "指令的结果，id 与指令相同"),
    "problem": (NotUnderstood, "无法识别的消息"),
}
"""Every message of the server: its name in the document, its type, and what it is."""
HEARD: Final[dict[str, tuple[type[msgspec.Struct], str]]] = {
    "subscribe": (Subscribe, "订阅：desk 为本坐席，hall 为整个大厅；答以快照"),
    "resync": (Resync, "重新取得快照"),
    "command": (CommandAsked, "坐席按键，与 HTTP 接口的按键相同；答以 result"),
    "beatBack": (BeatBack, "心跳的应答"),
}
"""Every message of the console."""


class _Kind(msgspec.Struct):
    type: str = ""


def hear(text: str) -> FromConsole | None:
    """What the console says; None for a word of a newer console. Raises `Problem`."""
    try:
        try:
            return _FROM_CONSOLE.decode(text)
        except msgspec.ValidationError:
            # It may be no JSON behind the place that was wrong.
            kind = msgspec.json.decode(text, type=_Kind).type
    except msgspec.ValidationError:
        raise Problem("invalid_input") from None
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise Problem("bad_json") from None
    if kind not in _KNOWN:
        return None
    raise Problem("invalid_input")


_FROM_CONSOLE: Final[msgspec.json.Decoder[FromConsole]] = msgspec.json.Decoder(FromConsole)
_KNOWN: Final = frozenset(str(kind.__struct_config__.tag) for kind, _ in HEARD.values())
