"""Which office is under which, and what lies below one? A tree that was read once; pure.

Offices that have ended stay in it: the tickets they had are still seen from above.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from hotline.directory.kinds import RANKS, UnitKind


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """What the tree knows of an office."""

    code: str
    name: str
    kind: UnitKind
    parent: str | None = None
    area: str = ""
    """Short form (`area.plain`)."""
    area_name: str = ""
    services: frozenset[str] = frozenset()
    """Business types (业务类型) by their values."""
    ended: bool = False


class Tree:
    """The offices of a hall, by code."""

    __slots__ = ("_children", "nodes")

    def __init__(self, nodes: Iterable[Node]) -> None:
        self.nodes: Final[Mapping[str, Node]] = {each.code: each for each in nodes}
        self._children: dict[str | None, list[Node]] = {}
        for node in sorted(self.nodes.values(), key=in_order):
            self._children.setdefault(node.parent, []).append(node)

    def children(self, code: str | None) -> list[Node]:
        """The offices directly under one; of None, those at the top. As they are shown."""
        return list(self._children.get(code, ()))

    def below(self, code: str) -> frozenset[str]:
        """The office and everything under it; nothing when there is no such office.

        For permissions: a ring in the data, which nothing here writes, reaches no further than the ring.
        """
        if code not in self.nodes:
            return frozenset()
        found, left = {code}, [code]
        while left:
            for child in self._children.get(left.pop(), ()):
                if child.code not in found:
                    found.add(child.code)
                    left.append(child.code)
        return frozenset(found)

    def path(self, code: str) -> list[Node]:
        """From the top down to the office; empty when there is none."""
        found: list[Node] = []
        node = self.nodes.get(code)
        while node is not None and node not in found:
            found.append(node)
            node = self.nodes.get(node.parent or "")
        return found[::-1]

    def closes_a_ring(self, code: str, parent: str | None) -> bool:
        """Would the office lie under itself?"""
        return parent is not None and parent in self.below(code)


def in_order(node: Node) -> tuple[str, int, str]:
    """Sorting: by area, general offices first."""
    return node.area, RANKS[node.kind], node.code
