"""What does a site say about one bridge: the `[bridges.NAME]` table, and the ways there are to a receiver?"""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

SecretRef = Annotated[str, Field(pattern=r"^(file|env):.+$", max_length=500)]
"""Where a secret is, never the secret."""
Column = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,62}$")]
TableName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,62}(\.[A-Za-z_][A-Za-z0-9_]{0,62})?$")]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class HttpSettings(_Table):
    """`[bridges.NAME.http]`: they can be called."""

    url: Annotated[str, Field(pattern=r"^https?://[^\s?#@]+$", max_length=500)]
    """Where the mapping's paths begin."""
    secret: SecretRef | None = None
    """What we sign with (`whsec_…`)."""
    token: SecretRef | None = None
    """Sent as `Authorization: Bearer`; for those who cannot check a signature."""
    verify: bool | Path = True
    """Their certificate: checked against the system's authorities, or the ones in this file."""
    connect_seconds: float = Field(default=5.0, gt=0, le=60)
    answer_seconds: float = Field(default=20.0, gt=0, le=300)
    """So long they may take to answer; after that it is in doubt."""

    @model_validator(mode="after")
    def _guarded(self) -> Self:
        host = self.url.split("/")[2].rsplit(":", 1)[0]
        if self.url.startswith("http://") and host not in ("127.0.0.1", "localhost", "[::1]"):
            raise ValueError("url：不在本机的地址只能用 https；对方只有 http 的，请在两侧之间加一层 TLS 代理或专线网关")
        if self.verify is False and host not in ("127.0.0.1", "localhost", "[::1]"):
            raise ValueError("verify：不在本机的地址必须核对证书；自签证书请写它的文件路径")
        if self.secret is None and self.token is None:
            raise ValueError("缺少 secret 或 token：对方要能确认是我方发出的")
        return self


class FolderSettings(_Table):
    """`[bridges.NAME.folder]`: files are laid down and picked up (落地文件), by a network gate (网闸) too."""

    out: Path
    """Where our files are laid down."""
    inbox: Path | None = None
    """Where theirs are found; unset: nothing comes back this way."""
    marker: bool = True
    """Their files are whole when `NAME.ok` lies beside them; false: when they have not changed for `still_seconds`."""
    still_seconds: float = Field(default=30.0, ge=0.1, le=3600)
    stuck_seconds: float = Field(default=900.0, ge=1, le=86_400)
    """A file that is not whole after that is set aside."""
    lists: bool = False
    """They lay down `list-YYYYMMDD` every night."""


class TableSettings(_Table):
    """`[bridges.NAME.table]`: rows in a shared database (中间表)."""

    url: SecretRef
    """Reference to the SQLAlchemy URL, which holds a password: `postgresql://…`."""
    out_table: TableName = "hotline_out"
    in_table: TableName | None = "hotline_in"
    """Unset: nothing comes back this way."""
    in_order: Column = "seq"
    """Rising column of theirs: the order in which news are read."""
    in_mark: Column = "taken_at"
    """Column of theirs that we set once we have the row; empty until then."""
    out_mark: Column | None = "taken_at"
    """Column of ours that they set once they have the row; unset: they cannot say so, and nothing can be compared."""
    out_number: Column | None = None
    """Column of ours into which they write their number."""
    wait_seconds: float = Field(default=15.0, gt=0, le=120)


class CallbackSettings(_Table):
    """`[bridges.NAME.callback]`: who may push news to us."""

    secrets: list[SecretRef] = Field(default=[], max_length=4)
    """Signing secrets, any of which is accepted: list the new one beside the old one while changing over."""
    tokens: list[SecretRef] = Field(default=[], max_length=4)
    networks: list[IPv4Network | IPv6Network] = Field(default=[], max_length=32)
    """Where callbacks may come from, beside the secret or token."""
    max_body_bytes: int = Field(default=256 * 1024, ge=1024, le=4 * 1024 * 1024)

    @model_validator(mode="after")
    def _guarded(self) -> Self:
        if not (self.secrets or self.tokens):
            raise ValueError("缺少 secrets 或 tokens：没有密钥时，任何人都能冒充对方回告")
        return self


class BridgeSettings(_Table):
    """One bridge. Which ways a kind may use is said by its plug-in."""

    dials: Annotated[str, Field(pattern=r"^[0-9*#+-]{0,20}$")] = ""
    """The number to which live calls are passed on; empty: none."""
    mapping: Path | None = None
    """The site's own mapping file; unset: the one that comes with the kind."""
    http: HttpSettings | None = None
    folder: FolderSettings | None = None
    table: TableSettings | None = None
    callback: CallbackSettings | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = self.ways
        if len(ways) > 1:
            raise ValueError(f"{'、'.join(ways)} 只能写一段：一个对接桥只走一条路，另一条路请另设一个对接桥")
        return self

    @property
    def ways(self) -> list[str]:
        """The tables that are there."""
        return [way for way in ("http", "folder", "table") if getattr(self, way) is not None]


class PaperSettings(_Table):
    """A receiver that gets paper."""

    title: Annotated[str, Field(min_length=1, max_length=60)] = "12348 公共法律服务热线移交单"
    receiver: Annotated[str, Field(max_length=60)] = ""
    """What the receiver is called on the sheet; empty: the bridge's name."""
    keep_days: int = Field(default=90, ge=1, le=3650)
    """Printed sheets hold personal data; they are deleted after that. The hand-over itself stays."""
    needs_confirmation: bool = False
    dials: Annotated[str, Field(pattern=r"^[0-9*#+-]{0,20}$")] = ""
