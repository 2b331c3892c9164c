"""Bodies about announcements: prompts, the call plan, notices."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

import msgspec
from pydantic import AwareDatetime, Field, StringConstraints

from hotline.announcements import plan as plans
from hotline.announcements.check import Fault
from hotline.announcements.outline import Line, seconds_to_queue
from hotline.announcements.plan import After, Days, KeyAct, NoticeKind
from hotline.announcements.plans import Made, StoredNotice
from hotline.announcements.prompts import MAX_LABEL, MAX_TEXT, Prompt, Recording
from hotline.api.schemas.common import Sent, Shown, choices
from hotline.calls.outcome import Outcome

PLAIN = r"^[^\x00-\x08\x0b-\x1f]*$"
Label = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_LABEL, pattern=r"^[^\x00-\x1f]+$")
]
Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=MAX_TEXT, pattern=PLAIN)]
Ref = Annotated[str, StringConstraints(max_length=64, pattern=r"^[\w.*#-]*$")]
"""A name of something else, or empty."""
KeyName = Annotated[str, StringConstraints(max_length=1, pattern=r"^[0-9*#]?$")]
Short = Annotated[str, StringConstraints(max_length=40, pattern=r"^[^\x00-\x1f]*$")]
Clock = Annotated[str, StringConstraints(max_length=5, pattern=r"^[^\x00-\x1f]*$")]
Number = Annotated[int, Field(ge=0, le=100_000)]


# ── prompts ──────────────────────────────────────────────────────────────────────────────────────────────────────────


class RecordingBody(Shown):
    """一次上传的录音"""

    version: int
    seconds: float
    peak_db: float = Field(description="峰值电平（dBFS）", examples=[-6.2])
    warnings: list[str] = Field(description="需要留意之处", examples=[["音量偏低（峰值 -24 dB），来电人可能听不清。"]])
    sha256: str
    uploaded_at: datetime
    uploaded_by: str = Field(description="工号和姓名", examples=["3001 王管理员"])

    @classmethod
    def of(cls, recording: Recording, names: Mapping[str, str]) -> RecordingBody:
        """As it is shown."""
        by = names.get(recording.uploaded_by, recording.uploaded_by)
        return cls.model_validate(msgspec.structs.replace(recording, uploaded_by=by))


class OnDeviceBody(Shown):
    """在一条线路上的状况"""

    adapter: str
    state: str = Field(
        json_schema_extra=choices("current", "own", "other", "missing", "unknown"),
        description="current 已是当前录音；own 线路自带；other 还不是当前录音；missing 没有；unknown 无法查询",
    )


class PromptBody(Shown):
    """提示音"""

    name: str = Field(examples=["greeting"])
    label: str = Field(examples=["开头语"])
    text: str
    built_in: bool = Field(description="系统自带；上传的录音可以代替它，也可以恢复")
    removed: bool = Field(description="已删除，可由历史录音恢复")
    in_use: bool = Field(description="来电流程或公告正在使用")
    seconds: float = Field(description="时长；自带的提示音为估计值")
    recording: RecordingBody | None = Field(description="当前的录音；空为系统自带")
    changed_at: datetime | None
    changed_by: str
    devices: list[OnDeviceBody]

    @classmethod
    def of(
        cls, prompt: Prompt, names: Mapping[str, str], *, seconds: float, in_use: bool, devices: list[OnDeviceBody]
    ) -> PromptBody:
        """As it is shown."""
        return PromptBody(
            name=prompt.name,
            label=prompt.label,
            text=prompt.text,
            built_in=prompt.is_built_in,
            removed=prompt.is_removed,
            in_use=in_use,
            seconds=seconds,
            recording=RecordingBody.of(prompt.recording, names) if prompt.recording else None,
            changed_at=prompt.changed_at,
            changed_by=names.get(prompt.changed_by, prompt.changed_by),
            devices=devices,
        )


class PromptDetail(PromptBody):
    """提示音及其历次录音"""

    versions: list[RecordingBody]


class DeviceBody(Shown):
    """一条线路能否放置提示音"""

    adapter: str
    failure: str = Field(description="空为正常", examples=["没有写入提示音目录的权限"])


class PromptList(Shown):
    """全部提示音"""

    items: list[PromptBody]
    devices: list[DeviceBody]


class PromptWords(Sent):
    """提示音的名称和文字"""

    label: Label = Field(examples=["国庆公告"])
    text: Words = Field(default="", description="说的是什么", examples=["国庆期间热线照常服务。"])


class RestoreBody(Sent):
    """恢复到哪一版"""

    version: int = Field(ge=0, le=1_000_000, description="0：提示音为系统自带，来电流程为配置文件", examples=[1])


# ── the plan ─────────────────────────────────────────────────────────────────────────────────────────────────────────


class KeyBody(Sent):
    """菜单的一个按键"""

    key: KeyName = Field(examples=["1"])
    act: KeyAct = KeyAct.QUEUE
    label: Short = Field(default="", examples=["婚姻家庭"])
    queue: Ref = Field(default="", examples=["main"])
    menu: MenuBody | None = None


class MenuBody(Sent):
    """语音菜单"""

    prompt: Ref = Field(examples=["menu"])
    keys: list[KeyBody] = Field(max_length=12)
    seconds: Number = 8
    tries: Number = 2


class LanguageKeyBody(Sent):
    """一种语言或方言"""

    key: KeyName
    language: Ref = Field(description="语言标记，普通话为空；选用名称以 .标记 结尾的提示音", examples=["yue"])
    label: Short = Field(default="", examples=["粤语"])
    queue: Ref = ""


class LanguageBody(Sent):
    """语言选择"""

    prompt: Ref = "language"
    keys: list[LanguageKeyBody] = Field(max_length=12)
    seconds: Number = 5


class WaitingBody(Sent):
    """排队中的播报"""

    position: bool = Field(default=False, description="播报排队位置")
    expected: bool = Field(default=False, description="播报预计等待")
    comfort: Ref = Field(default="", examples=["wait"])
    every_seconds: Number = 60
    callback_key: KeyName = Field(default="", description="登记回拨的按键；空为不提供")
    callback_prompt: Ref = "callback-offer"


class PeriodBody(Sent):
    """服务时段"""

    days: Days = Days.EVERY
    start: Clock = Field(examples=["09:00"])
    end: Clock = Field(examples=["17:30"])


class OpeningBody(Sent):
    """服务时间；没有时段为全天服务"""

    periods: list[PeriodBody] = Field(default=[], max_length=50)
    prompt: Ref = "closed"
    then: After = After.END


class VoicemailBody(Sent):
    """留言"""

    on: bool = False
    prompt: Ref = "voicemail"
    thanks: Ref = "voicemail-thanks"
    max_seconds: Number = 120
    after: list[Outcome] = Field(default=[Outcome.NO_SEAT, Outcome.TIMED_OUT, Outcome.QUEUE_FULL], max_length=20)


class PlanBody(Sent):
    """来电流程"""

    greeting: Ref = Field(default="", description="开头语", examples=["greeting"])
    recording_notice: Ref = Field(default="", description="录音告知，只播一次并记入通话")
    language: LanguageBody | None = None
    menu: MenuBody | None = Field(default=None, description="语音菜单；GB/T 33358 不提倡")
    reach_person_key: KeyName = Field(default="0", description="随时转人工的按键")
    waiting: WaitingBody = WaitingBody()
    opening: OpeningBody = OpeningBody()
    parting: dict[Outcome, Ref] = Field(default={}, description="不能接通时的结束语，按结果")
    rating: bool = Field(default=False, description="通话结束后请来电人评价")
    voicemail: VoicemailBody = VoicemailBody()

    def value(self) -> plans.Plan:
        """As a value."""
        return msgspec.convert(self.model_dump(mode="json"), plans.Plan)

    @classmethod
    def of(cls, plan: plans.Plan) -> PlanBody:
        """As it is shown."""
        document = msgspec.to_builtins(plans.document_of(plan))
        del document["notices"], document["variants"]
        return cls.model_validate(document)


class FaultBody(Shown):
    """流程中的一处问题"""

    place: str = Field(examples=["menu.keys.2.queue"])
    message: str = Field(examples=["没有名为 x 的队列。"])
    grade: str = Field(json_schema_extra=choices("error", "warning"))

    @classmethod
    def all(cls, faults: list[Fault]) -> list[FaultBody]:
        """As they are shown."""
        return [cls.model_validate(each) for each in faults]


class LineBody(Shown):
    """来电人听到的一步"""

    depth: int
    title: str = Field(examples=["开头语"])
    prompt: str
    text: str
    seconds: float
    ends: bool


class CheckBody(Shown):
    """试算的结果"""

    faults: list[FaultBody]
    outline: list[LineBody] = Field(description="来电人依次听到什么")
    seconds_to_queue: float = Field(description="不按键的来电人多少秒后进入排队")

    @classmethod
    def of(cls, faults: list[Fault], lines: list[Line]) -> CheckBody:
        """As it is shown."""
        return cls(
            faults=FaultBody.all(faults),
            outline=[LineBody.model_validate(each) for each in lines],
            seconds_to_queue=round(seconds_to_queue(lines), 1),
        )


class VersionBody(Shown):
    """一版来电流程"""

    version: int = Field(description="0 为配置文件")
    note: str
    made_at: datetime | None
    made_by: str

    @classmethod
    def made(cls, made: Made, names: Mapping[str, str]) -> VersionBody:
        """As it is shown."""
        by = names.get(made.made_by, made.made_by)
        return cls.model_validate(msgspec.structs.replace(made, made_by=by))


class PlanAnswer(VersionBody, CheckBody):
    """来电流程，以及来电人听到什么"""

    plan: PlanBody


class VersionList(Shown):
    """历次来电流程，最新的在前"""

    items: list[VersionBody]


class NewPlan(Sent):
    """新一版来电流程"""

    plan: PlanBody
    note: Short = Field(default="", description="说明", examples=["增加午休时段"])


# ── notices ──────────────────────────────────────────────────────────────────────────────────────────────────────────


class NewNotice(Sent):
    """公告"""

    kind: NoticeKind
    title: Label = Field(examples=["国庆值班安排"])
    text: Words = ""
    prompt: Ref = Field(examples=["holiday"])
    on: bool = True
    start: AwareDatetime | None = Field(default=None, description="空为立即", examples=["2026-10-01T00:00:00+08:00"])
    until: AwareDatetime | None = Field(default=None, description="不含；空为直到关闭")
    then: After = After.GO_ON

    def value(self, notice: str) -> plans.Notice:
        """As a value, under that id."""
        return plans.Notice(id=notice, **{name: getattr(self, name) for name in type(self).model_fields})


class NoticeBody(Shown):
    """公告"""

    id: str
    version: int
    kind: NoticeKind
    title: str
    text: str
    prompt: str
    on: bool
    start: datetime | None
    until: datetime | None
    then: After
    playing: bool = Field(description="现在的来电人会听到")
    changed_at: datetime | None
    changed_by: str

    @classmethod
    def of(cls, stored: StoredNotice, names: Mapping[str, str], *, playing: bool) -> NoticeBody:
        """As it is shown."""
        return cls(
            **msgspec.structs.asdict(stored.notice),
            version=stored.version,
            playing=playing,
            changed_at=stored.changed_at,
            changed_by=names.get(stored.changed_by, stored.changed_by),
        )


class NoticeList(Shown):
    """全部公告"""

    items: list[NoticeBody]


class SwitchBody(Sent):
    """开或关"""

    on: bool
    until: AwareDatetime | None = Field(default=None, description="自动关闭的时间；空为不变")
