"""Is the database's schema the one this program knows, and how does it become so?

Alembic runs in this process, configured here; there is no `alembic.ini`. Migrations lie beside the package in the wheel
and at the top of the source tree. The whole way to the target is one transaction under an advisory lock: it happens or
it does not, and two processes that start at once do not meet.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

import hotline
from hotline.store.errors import WrongSchema
from hotline.store.tables import METADATA

T = TypeVar("T")

_LOCK: Final = 0x12348_0001
"""Advisory lock of migrations; any number that nothing else in this database takes."""


def migrations() -> Path:
    """Where the migrations are: inside the installed package, else at the top of the source tree."""
    package = Path(hotline.__file__).parent
    for place in (package / "migrations", package.parent / "migrations"):
        if (place / "versions").is_dir():
            return place
    raise FileNotFoundError("the migrations are missing from this installation")


def head() -> str:
    """The revision this program wants."""
    revision = ScriptDirectory.from_config(_config()).get_current_head()
    if revision is None:
        raise FileNotFoundError("there are no migrations")
    return revision


async def current(engine: AsyncEngine) -> str | None:
    """The revision the database is at; None when it is empty."""
    return await _under(engine, lambda connection: MigrationContext.configure(connection).get_current_revision())


async def check(engine: AsyncEngine) -> None:
    """Raises WrongSchema, saying what to do, when the database is not at `head()`."""
    found, wanted = await current(engine), head()
    if found != wanted:
        known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
        raise WrongSchema(found, wanted, newer=found is not None and found not in known)


async def migrate(engine: AsyncEngine, target: str = "head") -> tuple[str | None, str | None]:
    """Brings the database to `target`; the revisions before and after. Raises WrongSchema for a newer database."""
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}

    def go(connection: Connection) -> tuple[str | None, str | None]:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        before = MigrationContext.configure(connection).get_current_revision()
        if before is not None and before not in known:
            raise WrongSchema(before, head(), newer=True)
        step = command.downgrade if target.startswith("-") or target == "base" else command.upgrade
        step(_config(connection), target)
        return before, MigrationContext.configure(connection).get_current_revision()

    return await _under(engine, go)


async def differences(engine: AsyncEngine) -> list[Any]:
    """What Alembic sees between the database and the metadata; empty when nothing is to migrate."""

    def look(connection: Connection) -> list[Any]:
        options = {"compare_type": True, "compare_server_default": True}
        return compare_metadata(MigrationContext.configure(connection, opts=options), METADATA)

    return await _under(engine, look)


async def draft(engine: AsyncEngine, message: str) -> Path:
    """Writes the next migration's first version from the difference between a database at head and the metadata.

    For developers; constraints that Alembic does not compare (exclusion, check) and triggers are to be added by hand.
    """

    def write(connection: Connection) -> Path:
        number = sum(1 for _ in ScriptDirectory.from_config(_config()).walk_revisions()) + 1
        script = command.revision(_config(connection), message, autogenerate=True, rev_id=f"{number:04d}")
        assert script is not None
        assert not isinstance(script, list)
        return Path(script.path)

    return await _under(engine, write)


async def _under(engine: AsyncEngine, work: Callable[[Connection], T]) -> T:
    async with engine.begin() as connection:
        return await connection.run_sync(work)


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(migrations()).replace("%", "%%"))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.attributes["connection"] = connection
    return config
