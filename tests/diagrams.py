"""Does a README's state diagram say the same as the table in the code?

Reads the `stateDiagram-v2` fences of a README. An edge is written `ready --> ringing: 2 OfferMade`: the number is the
row of the table, the rest is the name of what happens. `[*]` (where things begin and end) is no row of a table.
"""

from __future__ import annotations

import re
from pathlib import Path

Edge = tuple[str, str, str]
"""From, label (without its number), to."""

_FENCE = re.compile(r"^```mermaid\s*\nstateDiagram-v2\s*\n(.*?)^```", re.MULTILINE | re.DOTALL)
_EDGE = re.compile(r"^\s*(\S+)\s*-->\s*([^\s:]+)\s*(?::\s*(?:(\d+)\s+)?(.*?))?\s*$")
_OTHER = re.compile(r"^\s*(?:%%.*|direction (?:LR|RL|TB|BT)|state .*|classDef .*|class .*|note .*|[^-]*)$")
_ENDS = "[*]"


def edges(readme: Path) -> set[Edge]:
    """Every edge of the README's state diagrams. Raises `ValueError` when there is none, or one cannot be read."""
    return {edge for _, edge in numbered(readme)}


def numbered(readme: Path) -> list[tuple[int | None, Edge]]:
    """The edges in the order they are drawn, each with its number. Raises `ValueError` as `edges`, and for a twin."""
    fences = _FENCE.findall(readme.read_text(encoding="utf-8"))
    if not fences:
        raise ValueError(f"{readme}: no stateDiagram-v2 in it")
    drawn: list[tuple[int | None, Edge]] = []
    for line in "".join(fences).splitlines():
        found = _EDGE.match(line)
        if found is None:
            if not _OTHER.match(line):
                raise ValueError(f"{readme}: cannot read {line!r}")
            continue
        start, end, number, label = found.groups()
        if _ENDS in (start, end):
            continue
        drawn.append((int(number) if number else None, (start, label or "", end)))
    if not drawn:
        raise ValueError(f"{readme}: a state diagram without an edge")
    twins = {edge for _, edge in drawn if [each for _, each in drawn].count(edge) > 1}
    if twins:
        raise ValueError(f"{readme}: drawn twice: {sorted(twins)}")
    return drawn
