"""What did the verification find?

One `Check` per invariant; a thing that breaks one is named with its id and told in Chinese.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

NAMED: Final = 1000
"""So many offenders are kept by name per check; further ones are counted."""
SHOWN: Final = 20
"""So many of them are printed."""


class Broken(msgspec.Struct, frozen=True):
    """Something that breaks an invariant."""

    id: str
    """Of the call, ticket, seat, event or day."""
    detail: str


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One invariant, looked at."""

    id: int
    """Its number in the list of invariants."""
    title: str
    checked: int
    """How many things were looked at."""
    broken: Sequence[Broken] = ()
    more: int = 0
    """Offenders beyond those named."""
    note: str = ""

    @property
    def ok(self) -> bool:
        """Nothing breaks it."""
        return not self.broken


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that was looked at."""

    hall: str | None
    since: datetime | None
    at: datetime
    """The database's clock when its snapshot was taken."""
    seconds: float
    checks: Sequence[Check]

    @property
    def ok(self) -> bool:
        """All invariants hold."""
        return all(check.ok for check in self.checks)


def check(id: int, title: str, checked: int, broken: Iterable[Broken], *notes: str) -> Check:
    """A finished check; offenders told twice are told once."""
    found = list(dict.fromkeys(broken))
    return Check(
        id=id,
        title=title,
        checked=checked,
        broken=found[:NAMED],
        more=max(0, len(found) - NAMED),
        note="；".join(note for note in notes if note),
    )


def as_json(verdict: Verdict) -> dict[str, Any]:
    """What `hotline verify --json` prints."""
    return {"ok": verdict.ok, **msgspec.to_builtins(verdict)}


def as_text(verdict: Verdict) -> str:
    """What `hotline verify` prints."""
    lines: list[str] = []
    for found in verdict.checks:
        mark = "✓" if found.ok else "✗"
        lines.append(f"{mark} {found.id:>2} {found.title}（核对 {found.checked} 项）")
        lines += [f"      {broken.id}：{broken.detail}" for broken in found.broken[:SHOWN]]
        hidden = len(found.broken) - SHOWN + found.more
        if hidden > 0:
            lines.append(f"      另有 {hidden} 项，见 --json 输出")
        if found.note:
            lines.append(f"      说明：{found.note}")
    count = sum(len(found.broken) + found.more for found in verdict.checks)
    result = "全部成立" if verdict.ok else f"发现 {count} 处不符"
    lines.append(f"核对结果：{result}，用时 {verdict.seconds:.1f} 秒")
    return "\n".join(lines)
