"""Who handles a matter for a place? The nearest office first, with the reason in words; pure.

Nearest means by area (区划), not by the tree: a caller from a village goes to the village's studio, then to the
township, the county, the city. An office answers for its whole area: where that holds the caller's, it may serve.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

from hotline.directory import area as areas
from hotline.directory.area import LABELS, AreaLevel
from hotline.directory.kinds import KINDS, RANKS
from hotline.directory.tree import Node, Tree
from hotline.tickets.matter import MATTERS, Matter


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """An office that does it."""

    unit: Node
    level: AreaLevel
    reason: str
    """Chinese: why this one, and why it stands where it stands."""


MAX_OFFERS: Final = 50


def who_serves(tree: Tree, matter: Matter, area: str) -> list[Offer]:
    """Living offices that do `matter` and whose area holds `area` (short form); the nearest first, at most 50.

    Of one level, special offices (公证处, 法律援助中心, …) come before general ones: they do nothing else. The first
    reason says which nearer levels have nobody.
    """
    offers: list[Offer] = []
    nobody: list[str] = []
    for place in areas.above(area):
        level = areas.level(place)
        there = [node for node in _offering(tree, matter) if node.area == place]
        if not there:
            nobody.append(LABELS[level])
            continue
        for node in sorted(there, key=lambda each: (-_special(each), RANKS[each.kind], each.code)):
            skipped = f"（{'、'.join(nobody)}没有办理{MATTERS[matter]}的机构）" if nobody and not offers else ""
            named = f"（{node.area_name}）" if node.area_name else ""
            reason = f"{LABELS[level]}{named}的{KINDS[node.kind]}，办理{MATTERS[matter]}{skipped}"
            offers.append(Offer(unit=node, level=level, reason=reason))
    return offers[:MAX_OFFERS]


def _offering(tree: Tree, matter: Matter) -> Iterator[Node]:
    return (node for node in tree.nodes.values() if not node.ended and matter.value in node.services)


def _special(node: Node) -> bool:
    return RANKS[node.kind] > _LAST_GENERAL


_LAST_GENERAL: Final = 3
"""City hall, county centre, township station, village studio."""
