"""A TOML file that cannot be read is complained about in Chinese, with the place and what to write instead."""

from __future__ import annotations

import re
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.toml_words import what_is_wrong


@pytest.mark.parametrize(
    ("text", "place", "advice"),
    [
        ('when = { 状态 = "保持" }', "第 1 行第 10 列", "键名含中文时要加英文引号"),
        ('a = 1\n状态 = "x"', "第 2 行第 1 列", "键名含中文时要加英文引号"),
        ("[表]\n", "第 1 行第 2 列", "键名含中文时要加英文引号"),
        ("[a]\nb.状态 = 1", "第 2 行第 3 列", "键名含中文时要加英文引号"),
        ("a = 保持", "第 1 行第 5 列", "文字要加英文引号"),
        ("a = “保持”", "第 1 行第 5 列", '这一行有全角符号 “ ”，请改为英文半角 " "'),
        ("a＝1", "第 1 行第 2 列", "这一行有全角符号 ＝，请改为英文半角 ="),
        ('w = { a = "x"，b = "y" }', "第 1 行", "这一行有全角符号 ，，请改为英文半角 ,"),
        ("a = x", "第 1 行第 5 列", "文字要加英文引号"),
        ('a = "x', "到文件末尾", "引号没有成对"),
        ("a = 'x\n", "到文件末尾", "引号没有成对"),
        ('a = "x\nb = 1', "第 1 行", "引号没有成对"),
        ("a = [1", "到文件末尾", "方括号没有成对"),
        ("a = {b=1", "到文件末尾", "花括号没有成对"),
        ("a=1\na=2", "到文件末尾", "同一个键写了两次"),
        ("[a]\n[a]", "第 2 行第 3 列", "同一张表写了两次"),
        ("a 1", "第 1 行第 3 列", "缺少等号"),
        ("a = 1 b = 2", "第 1 行第 7 列", "一行只写一项"),
        ("a = 01", "第 1 行第 6 列", "数字前不加 0"),
        ("[a", "到文件末尾", "方括号没有成对"),
        ('a = "C:\\q"', "第 1 行", "反斜杠要写两个"),
        ("= 1", "第 1 行第 1 列", "键 = 值"),
    ],
)
def test_what_people_get_wrong(text: str, place: str, advice: str) -> None:
    with pytest.raises(tomllib.TOMLDecodeError) as caught:
        tomllib.loads(text)
    said = what_is_wrong(text, caught.value)
    assert said.startswith(place), said
    assert "不是正确的 TOML：" in said
    assert advice in said


def test_signs_in_a_text_or_a_remark_are_not_what_is_wrong() -> None:
    text = 'a = "你好，“世界”"  # 说明：一、二\nb = \n'
    with pytest.raises(tomllib.TOMLDecodeError) as caught:
        tomllib.loads(text)
    assert "全角" not in what_is_wrong(text, caught.value)


@given(st.text(alphabet="ab状态\"'=,[]{}.#\n 1“，", max_size=60))
def test_whatever_is_in_the_file(text: str) -> None:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        said = what_is_wrong(text, error)
        assert re.match("第 [0-9]+ 行第 [0-9]+ 列|到文件末尾", said)
        assert not re.search("(Inv|Exp|Cann|Unt|Ill|Une|Unc)[a-z]+", said), said
