"""What lies below an office, and who serves a place."""

from __future__ import annotations

import pytest

from hotline.directory.serving import who_serves
from hotline.directory.tree import Tree
from hotline.tickets.matter import Matter
from tests.directory.making import CITY, node

TREE = Tree(map(node, CITY))


@pytest.mark.parametrize(
    ("code", "below"),
    [
        ("city", set(CITY)),
        ("county", {"county", "aid", "town", "committee", "village", "village2"}),
        ("town", {"town", "committee", "village", "village2"}),
        ("village", {"village"}),
        ("nowhere", set()),
    ],
)
def test_below(code: str, below: set[str]) -> None:
    assert TREE.below(code) == below


def test_what_ended_is_still_below() -> None:
    tree = Tree([*(node(each) for each in CITY if each != "village"), node("village", ended=True)])
    assert "village" in tree.below("town")


def test_a_ring_in_the_data_ends() -> None:
    tree = Tree([node("county", parent="town"), node("town")])
    assert tree.below("county") == {"county", "town"}
    assert [each.code for each in tree.path("town")] == ["county", "town"]
    assert tree.closes_a_ring("county", "town")


def test_the_path_and_the_children() -> None:
    assert [each.code for each in TREE.path("village")] == ["city", "county", "town", "village"]
    assert TREE.path("nowhere") == []
    assert [each.code for each in TREE.children("town")] == ["committee", "village", "village2"]
    assert [each.code for each in TREE.children(None)] == ["city"]


def told(matter: Matter, area: str, tree: Tree = TREE) -> list[tuple[str, str]]:
    return [(each.unit.code, each.reason) for each in who_serves(tree, matter, area)]


def test_the_nearest_first() -> None:
    assert told(Matter.LEGAL_ADVICE, "330106008003") == [
        ("village", "本村居的村居工作室，办理法律咨询"),
        ("town", "本乡镇街道的乡镇街道站，办理法律咨询"),
        ("county", "本县区的县区中心，办理法律咨询"),
        ("city", "本市的市级中心，办理法律咨询"),
    ]


def test_special_offices_before_general_ones_and_why_not_nearer() -> None:
    assert told(Matter.MEDIATION, "330106008003") == [
        ("committee", "本乡镇街道的人民调解委员会，办理人民调解（本村居没有办理人民调解的机构）"),
        ("town", "本乡镇街道的乡镇街道站，办理人民调解"),
        ("county", "本县区的县区中心，办理人民调解"),
    ]
    assert told(Matter.NOTARY, "330106008003") == [
        ("notary", "本市的公证处，办理公证（本村居、本乡镇街道、本县区没有办理公证的机构）")
    ]


def test_a_township_does_not_serve_the_county() -> None:
    assert [code for code, _ in told(Matter.LEGAL_ADVICE, "330106")] == ["county", "city"]
    assert told(Matter.ARBITRATION, "330106") == []
    assert told(Matter.LEGAL_ADVICE, "3201") == []


def test_who_ended_serves_nobody() -> None:
    tree = Tree([node("county", ended=True), node("city", area_name="杭州市")])
    assert told(Matter.LEGAL_ADVICE, "330106", tree) == [
        ("city", "本市（杭州市）的市级中心，办理法律咨询（本县区没有办理法律咨询的机构）")
    ]
