"""How is the live socket described for those who write another console? As AsyncAPI 3, from the server's own types."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from hotline.api.live_messages import CLOSES, HEARD, SAID
from hotline.api.orders import VERBS
from hotline.calls.call import CallState
from hotline.calls.outcome import Outcome
from seats.seat import SeatState

ADDRESS: Final = "/api/v1/live"
DESCRIPTION: Final = """登录后的 Cookie 与同源的 Origin 是连接的条件，否则握手被拒绝（403）。

顺序：`hello` → `subscribe` → `snapshot` → `event`…。每个事件都带有变化对象的全部内容，按编号整体替换，无须合并；
`seq` 递增，但不连续。双方每 5 秒各发一次 `beat`。指令（`command`）带 `id`，由 `result` 回答，所改变的内容另以事件到达。
电话号码一律脱敏，只有通话所在的坐席收到完整号码。连接断开后重新连接、重新订阅，即得到新的快照。

关闭代码：

"""
ENUMS: Final = {
    ("SeatView", "state"): [each.value for each in SeatState],
    ("CallView", "state"): [each.value for each in CallState],
    ("CallView", "outcome"): [*(each.value for each in Outcome), None],
    ("CommandAsked", "name"): list(VERBS),
}
"""Choices that the types leave open."""
EXAMPLES: Final[dict[str, Any]] = {
    "subscribe": {"type": "subscribe", "topics": ["desk"], "last_seq": None},
    "command": {"type": "command", "id": 1, "name": "answer", "args": {"offer": "01-17"}},
    "beatBack": {"type": "beat"},
    "hello": {
        "type": "hello",
        "server_time": "2026-11-21T02:00:00+08:00",
        "session": "1f6e0b9c2a4d5e80",
        "heartbeat": 5.0,
    },
    "link": {"type": "event", "seq": 42, "event": "link", "data": {"adapter": "gw1", "up": False}},
    "result": {"type": "result", "id": 1, "ok": True},
}


def document(title: str, version: str) -> dict[str, Any]:
    """The AsyncAPI document."""
    every = {**HEARD, **SAID}
    kinds = [kind for kind, _ in every.values()]
    _, schemas = msgspec.json.schema_components(kinds, ref_template="#/components/schemas/{name}")
    for schema in schemas.values():
        schema.pop("description", None)  # the types' own words are for those who write the server
    for (name, field), choices in ENUMS.items():
        schemas[name]["properties"][field]["enum"] = choices
    return {
        "asyncapi": "3.0.0",
        "info": {"title": f"{title}：实时推送", "version": version, "description": DESCRIPTION + _closes()},
        "defaultContentType": "application/json",
        "servers": {
            "hall": {
                "host": "{host}",
                "protocol": "wss",
                "description": "与控制台相同的地址；在服务所在的机器上可以不用 TLS（ws）",
                "variables": {"host": {"default": "127.0.0.1:8348"}},
            }
        },
        "channels": {
            "live": {
                "address": ADDRESS,
                "title": "实时推送",
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in every},
                "bindings": {"ws": {"method": "GET", "bindingVersion": "0.1.0"}},
            }
        },
        "operations": {
            "tellConsole": _operation("send", "服务发给控制台", list(SAID)),
            "hearConsole": _operation("receive", "控制台发给服务", list(HEARD)),
        },
        "components": {
            "messages": {name: _message(name, kind, words) for name, (kind, words) in every.items()},
            "schemas": schemas,
        },
    }


def _message(name: str, kind: type[msgspec.Struct], words: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": name,
        "title": name,
        "summary": words,
        "payload": {"$ref": f"#/components/schemas/{kind.__name__}"},
    }
    if name in EXAMPLES:
        found["examples"] = [{"payload": EXAMPLES[name]}]
    return found


def _operation(action: str, words: str, names: list[str]) -> dict[str, Any]:
    return {
        "action": action,
        "summary": words,
        "channel": {"$ref": "#/channels/live"},
        "messages": [{"$ref": f"#/channels/live/messages/{name}"} for name in names],
    }


def _closes() -> str:
    return "\n".join(f"- {code.value}：{words}" for code, words in CLOSES.items())
