"""What may a mapping file (映射文件) say of an unknown gateway's events, and what must it not leave open?

A mapping has rules (`[[events]]`), tried from the top; the first one whose conditions hold says which of our facts the
event is. Fields and conditions name their place by a path: `data.call.id`, `Notify.@type` (an XML attribute), `/sn`
(from the top of the body instead of from the event). Where several places are given, the first that is there counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from adapters.gateway_push.mapping_parts import ISO, Condition, Path, as_list, conditions, path_of, time_format


class Say(StrEnum):
    """What an event can be: our own dialect's types, and the record of a whole call (话单)."""

    OFFERED = "call.offered"
    IDENTIFIED = "call.identified"
    DIGITS = "call.digits"
    RINGING = "seat.ringing"
    ANSWERED = "seat.answered"
    DECLINED = "seat.declined"
    HELD = "call.held"
    RESUMED = "call.resumed"
    RELEASED = "call.released"
    RECORDING = "recording.ready"
    FAULT = "port.fault"
    RESTORED = "port.restored"
    RECORD = "record"


Live = Literal[
    Say.OFFERED,
    Say.IDENTIFIED,
    Say.DIGITS,
    Say.RINGING,
    Say.ANSWERED,
    Say.DECLINED,
    Say.HELD,
    Say.RESUMED,
    Say.RELEASED,
    Say.RECORDING,
    Say.FAULT,
    Say.RESTORED,
]
"""What is told while it happens: all but the record."""

Place = Annotated[Path, BeforeValidator(path_of)]
Places = Annotated[list[Place], BeforeValidator(as_list), Field(min_length=1, max_length=8)]
Prefixes = Annotated[list[Annotated[str, Field(min_length=1, max_length=64)]], BeforeValidator(as_list)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Fields(_Table):
    """Where the parts of an event are."""

    call: Places
    """The call's id: the same in every event of the call, never used again, not after a restart either."""
    device: Places | None = None
    """The gateway's serial number: keeps the calls of several gateways apart that push to one address."""
    id: Places | None = None
    """The event's id, the same in every repeat; where there is none, one is made."""
    occurrence: Places | None = None
    """Tells two rings of one seat apart when events have neither id nor time: a leg's id or a running number."""
    at: Places | None = None
    """When it happened (not: when it was sent, which differs in a repeat); unset: when we hear it."""
    caller: Places | None = None
    dialled: Places | None = None
    seat: Places | None = None
    """The extension; unset: the gateway never names one."""
    port: Places | None = None
    digits: Places | None = None
    reason: Places | None = None
    """Why a seat did not take the call."""
    cause: Places | None = None
    """Why the call ended."""
    detail: Places | None = None
    """What is wrong with a port."""
    recording: Places | None = None
    """An http(s) address, or a path below the recordings folder."""
    seconds: Places | None = None
    """How long the recording is."""


class Record(_Table):
    """Where a record has its times and durations; what is not given is worked out from the others."""

    start: Places | None = None
    answer: Places | None = None
    end: Places | None = None
    total_seconds: Places | None = None
    """From the first ring to the end."""
    talk_seconds: Places | None = None
    """From the answer to the end; 0: nobody answered."""


class Strip(_Table):
    """Beginnings to cut off, in this order, each once."""

    caller: Prefixes = []
    dialled: Prefixes = []
    seat: Prefixes = []
    recording: Prefixes = []


class Rule(_Table):
    """Which of our facts an event is, when it fulfils every condition; none: understood, and nothing to us."""

    when: Annotated[tuple[Condition, ...], BeforeValidator(conditions)] = ()
    say: Annotated[list[Say], BeforeValidator(as_list), Field(max_length=4)]
    by: Literal["caller", "seat", "network"] | None = None
    """Who hung up."""
    reason: Literal["busy", "no_answer", "unreachable", "rejected"] | None = None
    """Why the seat did not take it; unset: the field's own word."""


_NEEDS: Final[Mapping[Say, tuple[str, ...]]] = {
    Say.IDENTIFIED: ("caller",),
    Say.DIGITS: ("digits",),
    Say.RINGING: ("seat",),
    Say.DECLINED: ("seat",),
    Say.RECORDING: ("recording",),
    Say.FAULT: ("port",),
    Say.RESTORED: ("port",),
}


class Pull(_Table):
    """How the gateway's own list of calls is asked for; what it answers goes through the same rules."""

    path: Annotated[str, Field(min_length=1, max_length=1000, pattern=r"^/[^#\s]*$")]
    """Path and query; `{since}` and `{until}` stand for the times, written as `time` says."""
    method: Literal["GET", "POST"] = "GET"
    body: Annotated[str, Field(max_length=4000)] | None = None
    """What is sent along (POST), with the same two holes."""
    content_type: Annotated[str, Field(max_length=100)] = "application/json"
    auth: Literal["none", "basic", "digest", "bearer"] = "none"
    """As whom: `username` and `password` of the line's `[pull]`; `bearer`: its `password` is the token."""
    time: Annotated[str, AfterValidator(time_format)] = "%Y-%m-%d %H:%M:%S"
    """How the two times are written, in the line's zone."""
    items: Place | None = None
    """Where the list of calls is in the answer; unset: the answer is the list, or where the pushes have theirs."""


class GatewayMapping(_Table):
    """One mapping file."""

    format: Literal["json", "xml", "form", "lines"]
    """`form`: form-encoded `a=1&b=2`; `lines`: one `a=1` a line, a blank line between events."""
    items: Place | None = None
    """Where the list of events is; unset: the body is one event, or a list of them."""
    time: Annotated[
        list[Annotated[str, AfterValidator(time_format)]],
        BeforeValidator(as_list),
        Field(min_length=1, max_length=4),
    ] = [ISO]
    """How times are written; several are tried in turn."""
    fields: Fields
    strip: Strip = Strip()
    record: Record | None = None
    events: Annotated[list[Rule], Field(min_length=1, max_length=64)]
    pull: Pull | None = None

    @model_validator(mode="after")
    def _complete(self) -> GatewayMapping:
        for number, rule in enumerate(self.events, start=1):
            where = f"第 {number} 段 [[events]]"
            if not rule.when and number < len(self.events):
                raise ValueError(f"{where} 没有 when，什么都符合，其后各段永远轮不到：请补上条件，或移到最后")
            for said in rule.say:
                for name in _NEEDS.get(said, ()):
                    if getattr(self.fields, name) is None:
                        raise ValueError(f"{where} 的 say 有 {said.value}：请在 [fields] 中写明 {name} 的位置")
            if Say.RECORD in rule.say:
                self._record_told(where)
            if rule.by is not None and not {Say.RELEASED, Say.RECORD} & set(rule.say):
                raise ValueError(f"{where} 的 by 只用于 call.released 和 record：请删去")
            if rule.reason is not None and Say.DECLINED not in rule.say:
                raise ValueError(f"{where} 的 reason 只用于 seat.declined：请删去")
        if self.pull is not None:
            self._pulled(self.pull)
        return self

    def _pulled(self, pull: Pull) -> None:
        if self.format != "json":
            raise ValueError('[pull] 只用于 format = "json" 的网关：请删去这一段')
        if not any(Say.RECORD in rule.say for rule in self.events):
            raise ValueError("[pull] 取回的是话单：请写一段 say 含 record 的 [[events]]")
        if "{since}" not in pull.path + (pull.body or ""):
            raise ValueError("[pull] 的 path 或 body 中要有 {since}（从何时起），一般还有 {until}（到何时止）")
        if pull.body is not None and pull.method != "POST":
            raise ValueError('[pull] 有 body 时 method 应为 "POST"')

    def _record_told(self, where: str) -> None:
        record = self.record or Record()
        if record.start is None and record.end is None:
            raise ValueError(f"{where} 的 say 有 record：请在 [record] 中写明 start 或 end 的位置")
        if record.answer is None and record.talk_seconds is None:
            raise ValueError(
                f"{where} 的 say 有 record：请在 [record] 中写明 answer 或 talk_seconds，否则不知道是否接通"
            )
        if record.end is None and record.total_seconds is None and record.talk_seconds is None:
            raise ValueError(f"{where} 的 say 有 record：请在 [record] 中写明 end、total_seconds 或 talk_seconds")
