"""What do all checks know of the site, and in what form do they say what they found?

Settings with mistakes in them do not end the examination: what can still be read of the file is kept.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import msgspec
from pydantic import SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource
from sqlalchemy import Row, text
from sqlalchemy.exc import SQLAlchemyError

from hotline.doctor.machine import Seen, User, apart, at_hand, look, user_of_service
from hotline.settings import ServiceTable, Settings, config_file
from hotline.store.embedded import url_if_running
from hotline.store.engine import Database
from hotline.store.errors import BadUrl, StoreError

OPEN_SECONDS: Final = 4.0
WAIT_SECONDS: Final = 1.5
AS_ROOT: Final = "以 root 再执行一次：sudo hotline doctor"


class State(StrEnum):
    """How it stands with one thing."""

    OK = "ok"
    WRONG = "wrong"
    WARNING = "warning"
    NONE = "none"
    """Does not apply here, or cannot be known now."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the report."""

    check: str
    """Stable id, in English."""
    what: str
    """What was looked at, in Chinese."""
    state: State
    found: str
    advice: str = ""


def ok(check: str, what: str, found: str) -> Finding:
    """All is well."""
    return Finding(check=check, what=what, state=State.OK, found=found)


def wrong(check: str, what: str, found: str, advice: str) -> Finding:
    """The service cannot work like this."""
    return Finding(check=check, what=what, state=State.WRONG, found=found, advice=advice)


def warning(check: str, what: str, found: str, advice: str) -> Finding:
    """It works, and somebody ought to look at it."""
    return Finding(check=check, what=what, state=State.WARNING, found=found, advice=advice)


def none(check: str, what: str, found: str, advice: str = "") -> Finding:
    """Nothing to be judged."""
    return Finding(check=check, what=what, state=State.NONE, found=found, advice=advice)


class Check(msgspec.Struct, frozen=True):
    """One function that looks; id and name stand for it where it could not say anything itself."""

    id: str
    what: str
    look: Callable[[Site], Awaitable[list[Finding]]]
    blind: bool = False
    """It can look although nothing of the settings could be read."""


class NotAsked(Exception):
    """Something could not be looked at because of something else; the message says why."""


class NotRunning(NotAsked):
    """The embedded database runs only while the service does."""


class AddressUnknown(NotAsked):
    """The file with the database's address cannot be read."""


@dataclass(kw_only=True)
class Site:
    """One site while it is examined. Between `begin` and its end, checks share what is looked at once."""

    source: Path
    complaints: tuple[str, ...] = ()
    """What is wrong with the settings, a line for each key."""
    settings: Settings | None = None
    """None where something is wrong with them; the fields below hold what could be read all the same."""
    service: ServiceTable | None = None
    database_url: SecretStr | None = None
    database_url_file: Path | None = None
    halls: tuple[str, ...] = ()
    adapters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])
    references: Mapping[str, str] = field(default_factory=dict[str, str])
    """Secrets that are no adapter's: key → reference."""
    url: str = field(default="", repr=False)
    """The database's, once it is known."""

    @classmethod
    def whole(cls, settings: Settings, hall: str | None = None) -> Site:
        """The site of these settings; one hall of it, where one is named."""
        halls = (hall,) if hall else tuple(settings.halls)
        provinces = {f"halls.{name}.province.secret": settings.halls[name].province for name in halls}
        return cls(
            source=config_file(),
            settings=settings,
            service=settings.service,
            database_url=settings.database_url,
            database_url_file=settings.database_url_file,
            halls=halls,
            adapters={name: each for name, each in settings.adapters.items() if settings.hall_of(name) in halls},
            references={key: each.secret for key, each in provinces.items() if each is not None},
        )

    @classmethod
    def partly(cls, complaints: str, *, readable: bool, hall: str | None = None) -> Site:
        """The site of settings that are wrong; `readable`: there is a file at all."""
        site = cls(source=config_file(), complaints=tuple(complaints.split("\n✗ ")))
        try:
            known = _Known() if readable else None
        except (ValueError, OSError):  # pydantic's errors, TOML's and Unicode's are ValueErrors
            known = None
        if known is not None:
            site.service = _service(known.service)
            site.database_url, site.database_url_file = known.database_url, known.database_url_file
            site.halls = tuple(name for name in known.halls if hall in (None, name))
            tables = {name: each for name, each in known.adapters.items() if isinstance(each, dict)}
            site.adapters = {name: each for name, each in tables.items() if hall in (None, each.get("hall", hall))}
        return site

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[None]:
        """Look at what several checks need."""
        self._seen = asyncio.create_task(look(self.service), name="service")
        self._user = asyncio.create_task(self._find_user(), name="user")
        self._opening = asyncio.create_task(self._open(), name="database")
        every = (self._seen, self._user, self._opening)
        try:
            yield
        finally:
            for task in every:
                task.cancel()
            await asyncio.gather(*every, return_exceptions=True)
            if not self._opening.cancelled() and self._opening.exception() is None:
                await self._opening.result().close()

    async def seen(self) -> Seen:
        """What is there on the service's port."""
        return await asyncio.shield(self._seen)

    async def user(self) -> User:
        """As whom the service runs, or would run."""
        return await asyncio.shield(self._user)

    async def database(self) -> Database:
        """The open database. Raises `NotAsked` or `StoreError`."""
        return await asyncio.shield(self._opening)

    async def ask(self, query: str, **values: object) -> Sequence[Row[Any]]:
        """Rows of the database, read only. Raises `NotAsked`."""
        try:
            database = await self.database()
            async with database.reading() as session:
                return await session.all(text(query), values)
        except StoreError as error:
            raise NotAsked("数据库不能使用") from error
        except PermissionError as error:
            raise NotAsked(f"本用户看不到数据库；{AS_ROOT}") from error
        except (SQLAlchemyError, OSError) as error:
            raise NotAsked("数据库答不上来（表结构不符，或连接已断）") from error

    @property
    def known(self) -> ServiceTable:
        """The table `[service]`. Raises `NotAsked` where nothing of the settings could be read."""
        if self.service is None:
            raise NotAsked("配置文件读不出来")
        return self.service

    @property
    def embedded(self) -> bool:
        """No other database is named."""
        return self.database_url is None and self.database_url_file is None

    async def _find_user(self) -> User:
        state_dir = self.service.state_dir if self.service is not None else None
        return await apart(user_of_service, state_dir, await self.seen())

    async def _open(self) -> Database:
        async with asyncio.timeout(OPEN_SECONDS):
            self.url = await apart(self._address)
            try:
                return await Database.open(self.url, wait_seconds=WAIT_SECONDS, pool_size=2, check_schema=False)
            except ValueError as error:
                raise BadUrl from error

    def _address(self) -> str:
        """The database's URL. Raises `NotAsked`."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        if self.database_url_file is not None:
            try:
                return at_hand(self.database_url_file).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                raise AddressUnknown("读不到数据库地址文件") from error
        url = url_if_running(self.known.state_dir)
        if url is None:
            raise NotRunning("内嵌数据库没有运行")
        return url


class _Known(BaseSettings):
    """What can be read of settings whose halls or adapters are wrong."""

    model_config = SettingsConfigDict(
        env_prefix="HOTLINE_", env_nested_delimiter="__", extra="ignore", case_sensitive=False
    )

    service: dict[str, Any] = {}
    database_url: SecretStr | None = None
    database_url_file: Path | None = None
    halls: dict[str, Any] = {}
    adapters: dict[str, Any] = {}

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (env_settings, TomlConfigSettingsSource(settings_cls, toml_file=config_file()))


def _service(table: dict[str, Any]) -> ServiceTable:
    """With the defaults in the place of keys that are wrong."""
    try:
        return ServiceTable.model_validate(table)
    except ValidationError as error:
        bad = {each["loc"][0] for each in error.errors() if each["loc"]}
        return ServiceTable.model_validate({key: value for key, value in table.items() if key not in bad})


def is_root() -> bool:
    """Whoever types sees everything on this machine."""
    return os.geteuid() == 0
