"""What a site may set: one TOML file, every key overridable by `HOTLINE_*`, secrets only from files or environment.

`HOTLINE_SERVICE__PORT=9000` overrides `[service] port`. Unknown keys are errors: a typo must not be silent.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from datetime import time
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from adapters.toml_words import what_is_wrong
from hotline.callers.treatment import STEPS, Kind, Policy
from hotline.calls.outcome import Outcome
from hotline.deadlines.rules import DueKind, Rule
from hotline.deadlines.working import Unit
from hotline.hall.rules import ContactKind
from hotline.lines.alarms import AWAY_SECONDS, Limits
from hotline.messages.message import BY_ITSELF
from hotline.messages.message import Kind as MessageKind
from hotline.messages.rules import MessageRules
from hotline.settings_words import SettingsWrong, located, refuse_unknown_variables, why
from hotline.tickets.matter import Matter, Urgency
from hotline.tickets.sampling import SCRIPT, SHARE
from routing.spill import After, AlwaysWhen, Condition, PerSeat, Spill, ToContact, ToQueue

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")]
"""Names of halls, queues, groups and adapters: they appear in URLs, ids and metrics."""


ClockTime = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
"""`21:00`, in Asia/Shanghai."""


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Reason(_Table):
    """One choice in a list of the console."""

    code: str
    label: str


class Phrase(_Table):
    """A standard phrase (规范用语)."""

    title: str
    text: str


class WideningTable(_Table):
    """`[[halls.H.queues.Q.widening]]`"""

    after_seconds: int = Field(ge=1, le=86400)
    groups: list[Name] = Field(min_length=1)


class SpillTable(_Table):
    """`[[halls.H.queues.Q.spills]]`: where callers go when it takes too long (溢出). One condition, one target."""

    after_seconds: int | None = Field(default=None, ge=1, le=86400)
    per_seat: float | None = Field(default=None, ge=0, le=1000)
    """More callers waiting for each seat than this."""
    when: Literal["no_seat", "always", "voicemail", "forwarded_mobile"] | None = None
    queue: Name | None = None
    contact: Name | None = None
    """A number outside: the province, another hall, a duty phone."""

    @model_validator(mode="after")
    def _one_each(self) -> Self:
        if sum(each is not None for each in (self.after_seconds, self.per_seat, self.when)) != 1:
            raise ValueError("spills：after_seconds、per_seat、when 须且只须填写一个")
        if (self.queue is None) is (self.contact is None):
            raise ValueError("spills：queue 和 contact 须且只须填写一个")
        return self

    def as_spill(self) -> Spill:
        """As a value."""
        when: Condition
        if self.after_seconds is not None:
            when = After(seconds=self.after_seconds)
        elif self.per_seat is not None:
            when = PerSeat(waiting=self.per_seat)
        else:
            when = AlwaysWhen(rule=self.when or "")
        to = ToQueue(queue=self.queue) if self.queue is not None else ToContact(contact=self.contact or "")
        return Spill(when=when, to=to)


class QueueTable(_Table):
    """`[halls.H.queues.Q]`"""

    label: str
    strategy: str = "longest-idle"
    groups: list[Name] = Field(min_length=1)
    widening: list[WideningTable] = []
    ring_seconds: int = Field(default=20, ge=3, le=300)
    max_wait_seconds: int = Field(default=600, ge=0, le=86400)
    max_length: int = Field(default=500, ge=1, le=100_000)
    wrap_seconds: int = Field(default=30, ge=0, le=3600)
    priority: int = Field(default=0, ge=0, le=9)
    music: bool = True
    spills: list[SpillTable] = []


class MenuTable(_Table):
    """`[halls.H.menu]`"""

    prompt: str = "menu"
    keys: dict[Annotated[str, Field(pattern=r"^[0-9*#]$")], Name]
    seconds: int = Field(default=8, ge=1, le=60)
    tries: int = Field(default=2, ge=1, le=9)


class CallersTable(_Table):
    """`[halls.H.callers]`: callers with a rule of their own (来电人规则)."""

    steps: dict[Literal["emergency", "minor", "elderly", "disabled"], Annotated[int, Field(ge=0, le=9)]] = {}
    """Steps of priority that differ from the usual ones: 3, 2, 1, 1."""
    calls_a_day: int = Field(default=3, ge=1, le=100)
    prefer_days: int = Field(default=30, ge=1, le=3650)
    conflict_days: int = Field(default=365, ge=1, le=3650)

    def policy(self) -> Policy:
        """As a value."""
        return Policy(
            steps={**STEPS, **{Kind(kind): steps for kind, steps in self.steps.items()}},
            calls_a_day=self.calls_a_day,
            prefer_days=self.prefer_days,
            conflict_days=self.conflict_days,
        )


class RatingsTable(_Table):
    """`[halls.H.ratings]`"""

    by_key: bool = False
    """Callers are asked to rate by key when the seat has left; a stored call plan (来电流程) decides instead."""
    satisfied_from: float = Field(default=4.0, ge=1, le=5)
    """A mean of the given scores from which a caller counts as satisfied (满意)."""
    link_days: int = Field(default=7, ge=1, le=30)
    link_address: Annotated[str, Field(pattern=r"^(https://[^\s/?#]+)?$")] = ""
    """Under which callers reach this service (`https://12348.example.gov.cn`); empty: as the console is reached."""


class CallbacksTable(_Table):
    """`[halls.H.callbacks]`"""

    missed_minutes: int = Field(default=60, ge=1, le=7 * 24 * 60)
    wished_minutes: int = Field(default=120, ge=1, le=7 * 24 * 60)
    message_hours: int = Field(default=24, ge=1, le=7 * 24)
    short_abandoned: bool = True
    attempts: int = Field(default=3, ge=1, le=20)
    per_number_day: int = Field(default=3, ge=1, le=20)
    quiet_from: ClockTime = "21:00"
    quiet_to: ClockTime = "08:00"
    emergency_priority: int = Field(default=9, ge=1)
    dial_hours: int = Field(default=24, ge=1, le=30 * 24)


class RosterTable(_Table):
    """`[halls.H.roster]`"""

    required: bool = False
    """Without a shift no lawyer signs in; else it is allowed and recorded."""
    early_minutes: int = Field(default=30, ge=0, le=720)
    """How long before its beginning a shift opens the door."""
    otherwise: Literal["live", "voicemail"] = "live"
    """How the hall is served where nothing is rostered."""


class ContactTable(_Table):
    """`[halls.H.contacts.ID]`: a number outside that may be rung (外部号码)."""

    label: str
    number: str = Field(pattern=r"^([1-9][0-9]|0[1-9])[0-9]{1,10}$")
    """As it is dialled here; never international."""
    kind: ContactKind = ContactKind.OFFICE
    ring_seconds: int = Field(default=30, ge=5, le=120)


class OutboundTable(_Table):
    """`[halls.H.outbound]`: caps on calls outside (防盗打); emergency contacts are not counted."""

    concurrent: int = Field(default=10, ge=0, le=500)
    per_seat_hour: int = Field(default=20, ge=0, le=500)
    per_hall_hour: int = Field(default=200, ge=0, le=10_000)
    per_hall_night: int = Field(default=60, ge=0, le=10_000)
    ring_seconds: int = Field(default=45, ge=10, le=120)


class ProvinceTable(_Table):
    """`[halls.H.province]`: the provincial 12348 platform, to which seat states are reported (坐席状态上报)."""

    url: Annotated[str, Field(pattern=r"^https?://[^\s?#@]+$")]
    secret: str = Field(pattern=r"^(file|env):.+$")
    """Reference to the shared secret of Standard Webhooks (`whsec_…`)."""

    @model_validator(mode="after")
    def _private(self) -> Self:
        host = self.url.split("/")[2].rsplit(":", 1)[0]
        if self.url.startswith("http://") and host not in ("127.0.0.1", "localhost", "[::1]"):
            raise ValueError("province.url：不在本机的地址只能用 https")
        return self


class DueTable(_Table):
    """`[[halls.H.deadlines.rules]]`: one line of the site's own table of deadlines (期限)."""

    kind: DueKind
    amount: int = Field(ge=1, le=100_000)
    unit: Unit
    warn: int = Field(default=0, ge=0, le=100_000)
    most: int = Field(default=0, ge=0, le=100_000)
    matter: Matter | Literal[""] = ""
    urgency: Urgency | Literal[""] = ""
    channel: str = Field(default="", max_length=32)
    again: bool | None = None
    source: str = Field(default="", max_length=200)

    @model_validator(mode="after")
    def _in_proportion(self) -> Self:
        if self.warn >= self.amount and self.warn:
            raise ValueError("deadlines.rules：warn 须小于 amount")
        if self.most and self.most < self.amount:
            raise ValueError("deadlines.rules：most 不能小于 amount；不允许延期请填 0")
        return self


class DeadlinesTable(_Table):
    """`[halls.H.deadlines]`: the hours of whoever handles tickets, and the site's own rules."""

    opens: ClockTime = "09:00"
    closes: ClockTime = "17:30"
    rules: list[DueTable] = Field(default=[], max_length=200)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.opens >= self.closes:
            raise ValueError("deadlines：opens 须早于 closes")
        return self

    def own_rules(self) -> list[Rule]:
        """As `hotline.deadlines.rules` reads them."""
        return [Rule(**each.model_dump()) for each in self.rules]


class MessagesTable(_Table):
    """`[halls.H.messages]`: messages to citizens (短信)."""

    by_itself: list[MessageKind] = sorted(BY_ITSELF)
    """What follows from steps and missed calls; the others are sent by hand only."""
    quiet_from: ClockTime = "21:00"
    quiet_to: ClockTime = "08:00"
    segments_a_day: int = Field(default=2_000, ge=0, le=1_000_000)
    """计费条数; what goes beyond is held until a person lets it go."""
    per_number_day: int = Field(default=5, ge=1, le=50)
    address: Annotated[str, Field(pattern=r"^(https://[^\s/?#]+)?$")] = ""
    """Under which citizens reach the public pages; empty: `ratings.link_address`, and where that is empty, none."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if odd := set(self.by_itself) - BY_ITSELF:
            raise ValueError(f"messages.by_itself：{'、'.join(sorted(odd))} 只能由人发送")
        return self

    def rules(self, link_address: str) -> MessageRules:
        """As a value. `link_address`: that of `[halls.H.ratings]`."""
        return MessageRules(
            by_itself=frozenset(self.by_itself),
            quiet_from=time.fromisoformat(self.quiet_from),
            quiet_to=time.fromisoformat(self.quiet_to),
            segments_a_day=self.segments_a_day,
            per_number_day=self.per_number_day,
            address=self.address or link_address,
        )


class FollowUpsTable(_Table):
    """`[halls.H.follow_ups]`: whom the hall asks whether they are content (回访)."""

    share: int = Field(default=SHARE, ge=0, le=100)
    """Percent of those without a reason; complaints, legal aid and whoever was dissatisfied are asked anyway."""
    script: str = Field(default=SCRIPT, max_length=2_000)
    """话术."""


class HallTable(_Table):
    """`[halls.H]`"""

    label: str
    default_queue: Name
    queues: dict[Name, QueueTable] = Field(min_length=1)
    dialled: dict[str, Name] = {}
    greeting: str = ""
    menu: MenuTable | None = None
    parting: dict[Outcome, str] = {}
    record: bool = True
    roster: RosterTable = RosterTable()
    callbacks: CallbacksTable = CallbacksTable()
    deadlines: DeadlinesTable = DeadlinesTable()
    ratings: RatingsTable = RatingsTable()
    messages: MessagesTable = MessagesTable()
    follow_ups: FollowUpsTable = FollowUpsTable()
    misses_limit: int = Field(default=3, ge=1, le=20)
    missing_after_seconds: int = Field(default=12, ge=3, le=600)
    sign_off_missing_seconds: int = Field(default=1800, ge=60)
    silent_call_seconds: int = Field(default=14400, ge=60)
    """A gateway has said nothing of a talk for so long: it is taken to be over."""
    silent_ring_seconds: int = Field(default=1800, ge=60)
    """The same of a call that nobody has answered."""
    callers: CallersTable = CallersTable()
    telephone: str = Field(default="", pattern=r"^[0-9 ()-]{0,40}$")
    """Where the receiver of a hand-over may ask back (经办人电话)."""
    contacts: dict[Name, ContactTable] = {
        "110": ContactTable(label="110 报警", number="110", kind=ContactKind.EMERGENCY),
        "119": ContactTable(label="119 火警", number="119", kind=ContactKind.EMERGENCY),
        "120": ContactTable(label="120 急救", number="120", kind=ContactKind.EMERGENCY),
        "122": ContactTable(label="122 交通事故", number="122", kind=ContactKind.EMERGENCY),
        "12345": ContactTable(label="12345 政务服务便民热线", number="12345", kind=ContactKind.HOTLINE),
    }
    """A table of one's own takes the place of all of these."""
    outbound: OutboundTable = OutboundTable()
    province: ProvinceTable | None = None
    transfer_seconds: int = Field(default=20, ge=5, le=120)
    return_seconds: int = Field(default=20, ge=0, le=120)
    break_approval: bool = False
    """小休须班长批准."""
    monitor_announced: bool = False
    """The seat sees that a supervisor listens."""
    redial_seconds: int = Field(default=120, ge=0, le=3600)
    """Who gave up and rings again within that time keeps the old place in the line."""
    busy_reasons: list[Reason] = [
        Reason(code="self", label="临时离席"),
        Reason(code="ticket", label="补写工单"),
        Reason(code="meeting", label="会议"),
        Reason(code="counter", label="接待来访"),
    ]
    break_reasons: list[Reason] = [
        Reason(code="rest", label="休息"),
        Reason(code="meal", label="用餐"),
        Reason(code="training", label="学习培训"),
    ]
    phrases: list[Phrase] = [
        Phrase(title="开头语", text="您好，这里是12348公共法律服务热线，请问有什么可以帮您？"),
        Phrase(title="请稍候", text="请您稍等，我为您查一下。"),
        Phrase(
            title="法律援助提示", text="根据法律援助法，符合条件的，您可以申请法律援助。我向您说明申请的条件和程序。"
        ),
        Phrase(title="听不清", text="对不起，我没有听清楚，请您再说一遍，好吗？"),
        Phrase(title="超出范围", text="您反映的事项不属于法律咨询范围，建议您拨打12345政务服务便民热线。"),
        Phrase(title="紧急情况", text="如果您现在有人身危险，请马上拨打110，我也可以为您联系。"),
        Phrase(title="结束语", text="感谢您的来电，再见。"),
    ]

    @model_validator(mode="after")
    def _queues_exist(self) -> Self:
        named = {"default_queue": [self.default_queue], "dialled": self.dialled.values()}
        if self.menu is not None:
            named["menu.keys"] = self.menu.keys.values()
        for name, queue in self.queues.items():
            named[f"queues.{name}.spills"] = [each.queue for each in queue.spills if each.queue is not None]
            for each in queue.spills:
                if each.contact is not None and each.contact not in self.contacts:
                    there = "、".join(self.contacts)
                    raise ValueError(f"queues.{name}.spills：没有外部号码 {each.contact!r}（已定义：{there}）")
        for key, queues in named.items():
            for queue in queues:
                if queue not in self.queues:
                    there = "、".join(self.queues)
                    raise ValueError(f"{key}：没有定义队列 {queue!r}（已定义：{there}）；请改正，或加上它的 queues 表")
        return self


class ServiceTable(_Table):
    """`[service]`"""

    host: str = "127.0.0.1"
    port: int = Field(default=8348, ge=1, le=65535)
    state_dir: Path = Path("var")
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    behind_tls_proxy: bool = False
    """A proxy on this machine ends TLS: cookies are marked secure."""
    origins: list[str] = []
    """Further origins from which the console is opened (`https://12348.example.gov.cn`)."""
    log: Literal["auto", "json", "text"] = "auto"


class EdgeTable(_Table):
    """`[edges.NAME]`: a box beside the hardware that runs `hotline edge` (边缘机)."""

    secret: str = Field(pattern=r"^(file|env):.+$")
    """Reference to the secret that both sides share; at least 32 characters."""


class NetworkTable(_Table):
    """`[network.NAME]`: a platform that files for citizens (网络平台: 12348 法网, WeChat, the app)."""

    hall: Name | None = None
    """Where its filings go; may be left out where there is one hall."""
    label: str = Field(min_length=1, max_length=32)
    secrets: list[Annotated[str, Field(pattern=r"^(file|env):.+$")]] = Field(min_length=1, max_length=3)
    """References to signing secrets (`whsec_…`), any of which is accepted: while changing over, the new one beside the
    old one. With the first one we sign."""
    networks: list[IPv4Network | IPv6Network] = Field(default=[], max_length=32)
    """Where its requests may come from; empty: anywhere."""
    per_minute: int = Field(default=300, ge=1, le=100_000)
    per_day: int = Field(default=10_000, ge=1, le=10_000_000)
    per_citizen_day: int = Field(default=5, ge=1, le=1000)
    may_file: list[Matter] = Field(default=list(Matter), min_length=1)
    news_url: Annotated[str, Field(pattern=r"^(https?://[^\s?#@]+)?$")] = ""
    """Where it hears how its filings go on; empty: it asks."""

    @model_validator(mode="after")
    def _private(self) -> Self:
        host = self.news_url.split("/")[2].rsplit(":", 1)[0] if self.news_url else ""
        if self.news_url.startswith("http://") and host not in ("127.0.0.1", "localhost", "[::1]"):
            raise ValueError("news_url：不在本机的地址只能用 https")
        return self


class DatabaseTable(_Table):
    """`[database]`"""

    binaries: Path | None = None
    """Folder with `postgres` and `initdb` for the embedded server, instead of the packaged ones."""
    wait_seconds: int = Field(default=30, ge=1, le=600)


LINE_KEYS: Final = frozenset({"hall", "edge", "quiet_alarm_hours", "down_alarm_seconds"})
"""Keys of `[adapters.NAME]` that every kind of line has and that its adapter is not told."""
QUIET_HOURS: Final = (0.1, 720.0)
DOWN_SECONDS: Final = (2.0, 3600.0)


class Settings(BaseSettings):
    """Everything that a site may set."""

    model_config = SettingsConfigDict(
        env_prefix="HOTLINE_", env_nested_delimiter="__", extra="forbid", frozen=True, case_sensitive=False
    )

    service: ServiceTable = ServiceTable()
    database: DatabaseTable = DatabaseTable()
    database_url: SecretStr | None = None
    """Only from the environment or from `database_url_file`; unset: the embedded server."""
    database_url_file: Path | None = None
    halls: dict[Name, HallTable] = Field(min_length=1)
    adapters: dict[Name, dict[str, Any]] = {}
    edges: dict[Name, EdgeTable] = {}
    bridges: dict[Name, dict[str, Any]] = {}
    """Ways (对接桥) to 12345, 110, the province and others."""
    network: dict[Name, NetworkTable] = {}
    """Platforms (网络平台) that file for citizens."""

    @model_validator(mode="after")
    def _platforms_have_halls(self) -> Self:
        there = "、".join(self.halls)
        for name, table in self.network.items():
            if table.hall is None and len(self.halls) > 1:
                raise ValueError(f"[network.{name}] 缺少 hall：有多个大厅时须写明属于哪一个（{there}）")
            if table.hall is not None and table.hall not in self.halls:
                raise ValueError(f"[network.{name}] hall：没有 [halls.{table.hall}] 这张表（已有：{there}）")
        return self

    sms: dict[Name, dict[str, Any]] = {}
    """Gateways for text messages (短信网关), at most one for each hall."""

    @model_validator(mode="after")
    def _gateways_have_halls(self) -> Self:
        there, taken = "、".join(self.halls), dict[str, str]()
        for name, table in self.sms.items():
            hall = table.get("hall", next(iter(self.halls)) if len(self.halls) == 1 else None)
            if hall is None:
                raise ValueError(f"[sms.{name}] 缺少 hall：有多个大厅时须写明属于哪一个（{there}）")
            if hall not in self.halls:
                raise ValueError(f"[sms.{name}] hall：没有 [halls.{hall}] 这张表（已有：{there}）")
            if (other := taken.setdefault(hall, name)) != name:
                raise ValueError(f"[sms.{name}] hall：{hall} 已有短信网关 {other}，每个大厅只能有一个")
        return self

    @model_validator(mode="after")
    def _bridges_have_halls(self) -> Self:
        there = "、".join(self.halls)
        for name, table in self.bridges.items():
            hall = table.get("hall")
            if hall is None and len(self.halls) > 1:
                raise ValueError(f"[bridges.{name}] 缺少 hall：有多个大厅时须写明属于哪一个（{there}）")
            if hall is not None and hall not in self.halls:
                raise ValueError(f"[bridges.{name}] hall：没有 [halls.{hall}] 这张表（已有：{there}）")
        return self

    @model_validator(mode="after")
    def _adapters_have_halls(self) -> Self:
        there = "、".join(self.halls)
        for name, table in self.adapters.items():
            hall = table.get("hall")
            if hall is None and len(self.halls) > 1:
                raise ValueError(f"[adapters.{name}] 缺少 hall：有多个大厅时须写明属于哪一个（{there}）")
            if hall is not None and hall not in self.halls:
                raise ValueError(f"[adapters.{name}] hall：没有 [halls.{hall}] 这张表（已有：{there}）")
            edge = table.get("edge")
            if edge is not None and edge not in self.edges:
                known = "、".join(self.edges) or "无"
                raise ValueError(f"[adapters.{name}] edge：没有 [edges.{edge}] 这张表（已有：{known}）")
            for key, (least, most) in (("quiet_alarm_hours", QUIET_HOURS), ("down_alarm_seconds", DOWN_SECONDS)):
                value = table.get(key, least)
                if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
                    raise ValueError(f"[adapters.{name}] {key}：须为 {least:g} 到 {most:g} 之间的数")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then environment, then the TOML file named by `HOTLINE_CONFIG`."""
        return (init_settings, env_settings, TomlConfigSettingsSource(settings_cls, toml_file=config_file()))

    def external_database(self) -> str | None:
        """URL of the site's own PostgreSQL; None: use the embedded one."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        if self.database_url_file is not None:
            return _read_url(self.database_url_file)
        return None

    def limits_of(self, adapter: str) -> Limits:
        """When the line's silence, and the loss of its link, is an alarm."""
        table = self.adapters[adapter]
        return Limits(
            away_seconds=table.get("down_alarm_seconds", AWAY_SECONDS), quiet_hours=table.get("quiet_alarm_hours")
        )

    def hall_of(self, adapter: str) -> str:
        """The hall that an adapter belongs to."""
        return self.adapters[adapter].get("hall") or next(iter(self.halls))

    def hall_of_bridge(self, bridge: str) -> str:
        """The hall that a bridge belongs to."""
        return self.bridges[bridge].get("hall") or next(iter(self.halls))

    def hall_of_gateway(self, gateway: str) -> str:
        """The hall whose messages go over that gateway."""
        return self.sms[gateway].get("hall") or next(iter(self.halls))

    def edge_of(self, adapter: str) -> str | None:
        """The edge that its device is at; None: it is here."""
        return self.adapters[adapter].get("edge")


def load(path: Path | None, overrides: Mapping[str, Any] | None = None) -> Settings:
    """Read the settings. Raises `SettingsWrong`."""
    if path is not None:
        if not path.is_file():
            raise SettingsWrong(f"找不到配置文件 {path.absolute()}（由 --config 指定）")
        os.environ["HOTLINE_CONFIG"] = str(path)
    source = config_file()
    refuse_unknown_variables(Settings)
    elsewhere = overrides or any(name.upper().startswith("HOTLINE_HALLS") for name in os.environ)
    if not source.is_file() and not elsewhere:
        told = "（由环境变量 HOTLINE_CONFIG 指定）" if "HOTLINE_CONFIG" in os.environ else ""
        raise SettingsWrong(
            f"找不到配置文件 {source.absolute()}{told}。"
            "请用 --config 或环境变量 HOTLINE_CONFIG 指明，或由 deploy/hotline.example.toml 复制一份"
        )
    if "database_url" in _toml_keys(source):
        raise SettingsWrong(
            f"{source} database_url：含有口令，不能写在配置文件里；"
            "请用环境变量 HOTLINE_DATABASE_URL 或 database_url_file"
        )
    try:
        return Settings(**dict(overrides or {}))
    except ValidationError as error:
        lines = [located(each, Settings, str(source)) for each in error.errors()]
        raise SettingsWrong("\n✗ ".join(lines)) from error
    except SettingsError as error:
        raise SettingsWrong(f"环境变量的值无法识别：{error}") from error


def config_file() -> Path:
    """Where the settings are read from."""
    return Path(os.environ.get("HOTLINE_CONFIG", "hotline.toml"))


def _read_url(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsWrong(
            f"{config_file()} database_url_file：读不到 {path}（{why(error)}）。"
            "/run/credentials/ 下的文件只有服务运行时才有；"
            "在命令行请在命令前加 HOTLINE_DATABASE_URL_FILE=/etc/hotline/secrets/database_url"
        ) from error


def _toml_keys(path: Path) -> set[str]:
    if not path.is_file():
        return set()
    text = ""
    try:
        text = path.read_text(encoding="utf-8")
        return set(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise SettingsWrong(f"配置文件 {path} 无法读取：{what_is_wrong(text, error)}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsWrong(f"配置文件 {path} 无法读取：{why(error)}") from error
