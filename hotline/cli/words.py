"""What does the command line say of its own, in Chinese: help pages, and what is wrong with a command as typed?

The library that reads the command line speaks English; its sentences are few and are put into our words here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from typer.core import TyperCommand, TyperGroup

_HELP: Final[tuple[tuple[str, str], ...]] = (
    (r"^Usage: ", "用法："),
    (r"^Options:$", "选项："),
    (r"^Arguments:$", "参数："),
    (r"^Commands:$", "命令："),
    (r"\[OPTIONS\]", "[选项]"),
    (r"COMMAND \[ARGS\]\.\.\.", "命令 [参数]…"),
    (r"Show this message and exit\.", "显示本说明"),
    (r"\[required\]", "[必填]"),
    (r"; required\]", "；必填]"),
    (r"\[default: ([^\];]*)", r"[默认：\1"),
)
_WRONG: Final[tuple[tuple[str, Callable[[re.Match[str]], str]], ...]] = (
    (r"Missing option '?(.+?)'?\.(?: .*)?", lambda m: f"缺少选项 {m[1]}"),
    (r"Missing (?:argument|parameter) '?(.+?)'?\.(?: .*)?", lambda m: f"缺少参数 {m[1]}"),
    (r"Missing command\.", lambda m: "缺少命令"),
    (r"No such command '(.+?)'\.(?: Did you mean (.+)\?)?", lambda m: f"没有命令 {m[1]}{_perhaps(m[2])}"),
    (r"No such option: (\S+)(?: \(Possible options: (.+)\))?", lambda m: f"没有选项 {m[1]}{_perhaps(m[2])}"),
    (r"Option '(.+)' requires an argument\.", lambda m: f"选项 {m[1]} 后面要有值"),
    (r"Option '(.+)' does not take a value\.", lambda m: f"选项 {m[1]} 后面不能有值"),
    (r"Got unexpected extra argument\(?s?\)? \((.+)\)", lambda m: f"多余的参数：{m[1]}"),
    (r"Invalid value for '?(.+?)'?: (.+)", lambda m: f"{m[1]} 的值不对：{_value(m[2])}"),
)
_VALUES: Final[tuple[tuple[str, str], ...]] = (
    (r"Input should be a valid integer.*", "应为整数"),
    (r"Input should be a valid number.*", "应为数字"),
    (r"Input should be greater than or equal to (\S+)", r"不能小于 \1"),
    (r"Input should be less than or equal to (\S+)", r"不能大于 \1"),
    (r"(?:Value error, )?'(.*)' is not one of (.+?)\.?", r"没有 \1；只能是 \2"),
)


class Command(TyperCommand):
    """A command whose help page is Chinese."""

    def get_help(self, ctx) -> str:  # the type of `ctx` is the library's own affair
        """The page."""
        return help_page(super().get_help(ctx))


class Group(TyperGroup):
    """A group of commands whose help page is Chinese."""

    def get_help(self, ctx) -> str:
        """The page."""
        return help_page(super().get_help(ctx))


def help_page(text: str) -> str:
    """The library's own words on a help page, in Chinese."""
    for pattern, words in _HELP:
        text = re.sub(pattern, words, text, flags=re.MULTILINE)
    return text


def what_is_wrong(sentence: str) -> str:
    """A usage error in Chinese; one that is not known here is passed on as it is, behind Chinese words."""
    for pattern, words in _WRONG:
        if found := re.fullmatch(pattern, sentence, re.DOTALL):
            return words(found)
    return f"命令写法不对：{sentence}"


def _value(sentence: str) -> str:
    for pattern, words in _VALUES:
        if found := re.fullmatch(pattern, sentence, re.DOTALL):
            return found.expand(words)
    return sentence


def _perhaps(names: str | None) -> str:
    return f"；是否要用 {names}？" if names else ""
