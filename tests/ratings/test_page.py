"""The page behind a link, as a telephone gets it, and the code in its address."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import date
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.ratings import codes, page
from hotline.ratings.links import LinkState
from hotline.ratings.questions import Question
from hotline.store.seal import Seal, make_keys

DAY = date(2026, 11, 21)


class Reader(HTMLParser):
    """Notes every element."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in ("meta", "input", "link", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.found if name == tag]


def test_the_form_asks_four_questions_and_nothing_is_chosen() -> None:
    found = Reader(page.form(DAY))
    assert found.open == []
    radios = [each for each in found.all("input") if each["type"] == "radio"]
    assert {(each["name"], each["value"]) for each in radios} == {
        (q.value, str(n)) for q in Question for n in range(1, 6)
    }
    assert not any("checked" in each for each in radios)
    assert len(found.all("legend")) == len(found.all("fieldset")) == 4
    assert found.all("form") == [{"method": "post"}], "it goes where it came from"
    assert found.all("label")[-1]["for"] == found.all("textarea")[0]["id"]


def test_it_says_the_line_and_the_day_and_nobody() -> None:
    html = page.form(DAY)
    assert "2026 年 11 月 21 日" in html
    assert "12348" in html
    assert 'lang="zh-CN"' in html
    assert 'name="viewport"' in html


@pytest.mark.parametrize("html", [page.form(DAY), *(page.told(state) for state in LinkState), page.notice("一", "二")])
def test_nothing_comes_from_elsewhere_and_nothing_runs(html: str) -> None:
    found = Reader(html)
    assert {tag for tag, _ in found.found}.isdisjoint({"script", "link", "img", "iframe", "object", "a"})
    assert not any(
        name in ("src", "href", "style", "action") or name.startswith("on")
        for _, attrs in found.found
        for name in attrs
    )
    assert len(found.all("h1")) == 1


def test_the_policy_names_the_style_that_is_there() -> None:
    [style] = re.findall(r"<style>(.*?)</style>", page.form(DAY), re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in page.CONTENT_POLICY
    assert "default-src 'none'" in page.CONTENT_POLICY


def test_targets_are_large_enough_for_a_thumb() -> None:
    html = page.form(DAY)
    assert "label.choice{display:flex;align-items:center;gap:14px;min-height:52px" in html
    assert "min-height:56px" in html


@given(st.text())
def test_what_was_written_comes_back_as_text(comment: str) -> None:
    html = page.form(DAY, page.Filled(comment=comment, scores={Question.SKILL: 2}, wrong=comment))
    plain = page.form(DAY, page.Filled(comment="x", scores={Question.SKILL: 2}, wrong="x"))
    assert [tag for tag, _ in Reader(html).found].count("textarea") == 1
    if comment.strip():
        assert [tag for tag, _ in Reader(html).found] == [tag for tag, _ in Reader(plain).found]
    [checked] = [each for each in Reader(html).all("input") if "checked" in each]
    assert (checked["name"], checked["value"]) == ("skill", "2")


# ── codes ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_code_is_ours_and_one_changed_sign_makes_it_nobodys(seal: Seal) -> None:
    code = codes.make(seal, bytes(range(16)))
    assert len(code) == 32
    assert codes.is_ours(seal, code)
    for place in range(len(code)):
        other = "A" if code[place] != "A" else "B"
        assert not codes.is_ours(seal, code[:place] + other + code[place + 1 :])


@given(st.text(max_size=40))
def test_other_texts_are_not_ours(text: str) -> None:
    assert not codes.is_ours(Seal(make_keys()), text)


def test_another_sites_code_is_not_ours(seal: Seal) -> None:
    assert not codes.is_ours(seal, codes.make(Seal(make_keys()), bytes(16)))
    with pytest.raises(ValueError, match="128"):
        codes.make(seal, bytes(15))


def test_a_signature_is_for_one_purpose_and_never_an_index(seal: Seal) -> None:
    assert seal.sign("a", b"1") != seal.sign("b", b"1") != seal.index("1")
    assert seal.sign("a", b"1") == seal.sign("a", b"1")
