"""What a site may set: one TOML file, every key overridable by `HOTLINE_*`, secrets only from files or environment.

`HOTLINE_SERVICE__PORT=9000` overrides `[service] port`. Unknown keys are errors: a typo must not be silent.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from hotline.calls.outcome import Outcome
from hotline.settings_words import SettingsWrong, located, refuse_unknown_variables, why

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")]
"""Names of halls, queues, groups and adapters: they appear in URLs, ids and metrics."""


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


class MenuTable(_Table):
    """`[halls.H.menu]`"""

    prompt: str = "menu"
    keys: dict[Annotated[str, Field(pattern=r"^[0-9*#]$")], Name]
    seconds: int = Field(default=8, ge=1, le=60)
    tries: int = Field(default=2, ge=1, le=9)


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
    misses_limit: int = Field(default=3, ge=1, le=20)
    missing_after_seconds: int = Field(default=12, ge=3, le=600)
    sign_off_missing_seconds: int = Field(default=1800, ge=60)
    silent_call_seconds: int = Field(default=14400, ge=60)
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


class DatabaseTable(_Table):
    """`[database]`"""

    binaries: Path | None = None
    """Folder with `postgres` and `initdb` for the embedded server, instead of the packaged ones."""
    wait_seconds: int = Field(default=30, ge=1, le=600)


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

    @model_validator(mode="after")
    def _adapters_have_halls(self) -> Self:
        there = "、".join(self.halls)
        for name, table in self.adapters.items():
            hall = table.get("hall")
            if hall is None and len(self.halls) > 1:
                raise ValueError(f"[adapters.{name}] 缺少 hall：有多个大厅时须写明属于哪一个（{there}）")
            if hall is not None and hall not in self.halls:
                raise ValueError(f"[adapters.{name}] hall：没有 [halls.{hall}] 这张表（已有：{there}）")
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

    def hall_of(self, adapter: str) -> str:
        """The hall that an adapter belongs to."""
        return self.adapters[adapter].get("hall") or next(iter(self.halls))


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
    try:
        return set(tomllib.loads(path.read_text(encoding="utf-8")))
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"line (\d+), column (\d+)", str(error))
        where = f"第 {at[1]} 行第 {at[2]} 列" if at else "文件末尾"
        raise SettingsWrong(f"配置文件 {path} 无法读取：{where}不是正确的 TOML（{error}）") from error
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsWrong(f"配置文件 {path} 无法读取：{why(error)}") from error
