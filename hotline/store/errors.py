"""What can go wrong with the store, grouped by what to do about it.

StoreError
├── StoreAway        the database cannot be spoken to now, or cannot write: wait, then do the same again
├── LeaseLost        another writer has the hall: stop deciding at once, nothing was written
├── Conflict         a constraint or a trigger said no: a bug of ours, nothing was written
├── SpoolFull        the local file for pushed events has reached its limit: refuse the delivery (503)
├── SealBroken       a sealed value cannot be opened: wrong key, or moved to another row
└── NotUsable        a person must act; the message says what to do
    ├── BadUrl           the database URL cannot be read
    ├── Unreachable      nobody answered at that address in time
    ├── NotAdmitted      the server is there and does not let us in
    ├── TooOld           the server is older than PostgreSQL 15
    ├── WrongSchema      the tables are not those of this program
    └── KeysUnusable     the key file is damaged or open to others
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import ClassVar

import asyncpg


class StoreError(Exception):
    """存储无法使用。"""

    code: ClassVar[str] = "store_failed"

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or (type(self).__doc__ or "").strip())


class StoreAway(StoreError):
    """数据库暂时无法使用。"""

    code = "store_away"


class LeaseLost(StoreError):
    """另一个进程已接管本大厅，本进程不再写入。"""

    code = "lease_lost"


class Conflict(StoreError):
    """数据库约束拒绝了这次写入。"""

    code = "store_conflict"

    def __init__(self, constraint: str, detail: str = "") -> None:
        super().__init__(f"数据库约束拒绝了这次写入：{constraint or detail}")
        self.constraint = constraint
        """Its name in the database; empty when PostgreSQL named none."""


class SpoolFull(StoreError):
    """数据库不可用，本地暂存也已写满。"""

    code = "spool_full"


class SealBroken(StoreError):
    """密文无法解开：密钥不符，或内容被移动、改动过。"""

    code = "seal_broken"


class NotUsable(StoreError):
    """数据库配置有误。"""

    code = "store_not_usable"


class BadUrl(NotUsable):
    """数据库地址无法识别，应形如 postgresql://用户@主机/库名。"""

    code = "database_bad_url"


class Unreachable(NotUsable):
    """数据库没有应答。"""

    code = "database_unreachable"


class NotAdmitted(NotUsable):
    """数据库拒绝了登录。"""

    code = "database_not_admitted"


class TooOld(NotUsable):
    """数据库版本过旧，需要 PostgreSQL 15 或更高版本。"""

    code = "database_too_old"


class WrongSchema(NotUsable):
    """数据库结构与程序版本不符。"""

    code = "database_wrong_schema"

    def __init__(self, found: str | None, wanted: str, *, newer: bool = False) -> None:
        if newer:
            advice = "数据库比程序新，请升级程序。"
        else:
            advice = "请运行 hotline migrate。"
        super().__init__(f"数据库结构为 {found or '空'}，程序需要 {wanted}。{advice}")
        self.found = found
        self.wanted = wanted
        self.newer = newer


class KeysUnusable(NotUsable):
    """密钥文件无法使用。"""

    code = "keys_unusable"


_AWAY = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.InsufficientResourcesError,  # disk full, too many connections
    asyncpg.OperatorInterventionError,  # shut down, starting up, statement cancelled
    asyncpg.TransactionRollbackError,  # deadlock, serialization
    asyncpg.LockNotAvailableError,
    asyncpg.ReadOnlySQLTransactionError,  # a standby answers: the switch-over is under way
    asyncpg.PostgresIOError,
    # It does not let us in any more: closed for a restore, renamed, a password that was changed on one side only.
    asyncpg.ObjectNotInPrerequisiteStateError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InternalClientError,  # the server died between two statements: "cannot switch to state …"
    TimeoutError,
)


@contextlib.contextmanager
def told_apart(connection: asyncpg.Connection | None = None) -> Iterator[None]:
    """Turns what asyncpg raises into StoreAway or Conflict; anything else is a bug and stays what it is."""
    try:
        yield
    except asyncpg.IntegrityConstraintViolationError as error:
        raise Conflict(getattr(error, "constraint_name", None) or "", str(error)) from error
    except (asyncpg.DataError, asyncpg.CardinalityViolationError) as error:
        raise Conflict("", str(error)) from error
    except _AWAY as error:
        at_the_door = connection is None or connection.is_closed()
        if isinstance(error, asyncpg.ObjectNotInPrerequisiteStateError) and not at_the_door:
            raise  # a statement that cannot be carried out
        raise StoreAway(f"数据库暂时无法使用：{type(error).__name__} {error}".rstrip()) from error
    except asyncpg.InterfaceError as error:
        # The same class stands for misuse and for a connection, or a whole pool, that is closed under our hands.
        if not (connection is not None and connection.is_closed()) and "clos" not in str(error):
            raise
        raise StoreAway(f"数据库连接已断开：{error}") from error
