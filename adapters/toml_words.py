"""What is wrong with a TOML file that cannot be read, where, and what to write instead? In Chinese.

The parser of the standard library says it in English and names a place at most; what people get wrong is mostly a
Chinese key without quotation marks, or a sign of a Chinese keyboard. The text itself is never shown: it may hold a
password.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from typing import Final

_PLACE: Final = re.compile(r"\(at line (\d+), column (\d+)\)$")
_FULL_WIDTH: Final[Mapping[str, str]] = {
    "“": '"', "”": '"', "‘": "'", "’": "'", "，": ",", "＝": "=", "：": "=", "｛": "{", "｝": "}", "［": "[", "］": "]",
    "【": "[", "】": "]", "＃": "#", "　": " ",
}  # fmt: skip
_STRINGS: Final = re.compile(r'"(?:[^"\\]|\\.)*"|\'[^\']*\'|#.*')
_CHINESE: Final = re.compile(r"[\u3400-\u9fff]")
_QUOTE: Final = '键名含中文时要加英文引号，如 "状态" = "保持"、{ "状态" = "保持" }'
_SAID: Final[Mapping[str, str]] = {
    "Invalid statement": "这一行既不是 键 = 值，也不是 [表名] 或 # 注释",
    "Invalid initial character for a key part": "这里应为键名：只含字母、数字、_ 和 - 时可以不加引号，其余要加英文引号",
    "Expected '=' after a key": "键名后面缺少等号（=）",
    "Invalid value": '等号右边不是值：文字要加英文引号，如 "保持"；数字和 true、false 不加',
    "Cannot overwrite a value": "同一个键写了两次：请删去一个",
    "Cannot declare": "同一张表写了两次：请合并成一张；每种推送一段的写作 [[events]]",
    "Cannot mutate immutable namespace": "这张表已在别处写完，不能再添加：请写在一处",
    "Expected newline or end of document": "值的后面还有内容：一行只写一项，数字前不加 0",
    "Unterminated string": "文字的引号没有成对",
    'Expected "\'"': "文字的引号没有成对",
    "Illegal character": "文字的引号没有成对，或含有控制字符",
    "Unescaped": "双引号中的反斜杠要写两个（\\\\），或改用单引号",
    "Unclosed array": "方括号没有成对，或两项之间缺少英文逗号",
    "Unclosed inline table": "花括号没有成对，或两项之间缺少英文逗号",
    "Expected ']'": "表名的方括号没有成对",
    "Invalid date": "日期不存在",
    "Invalid hex": "转义的写法不对",
    "Escaped character": "转义的写法不对",
}
"""How the parser's sentence begins → what to do."""


def what_is_wrong(text: str, error: tomllib.TOMLDecodeError | RecursionError) -> str:
    """`第 3 行第 5 列不是正确的 TOML：…`."""
    if isinstance(error, RecursionError):
        return "不是正确的 TOML：层次过深"
    found = _PLACE.search(str(error))
    where = f"第 {found[1]} 行第 {found[2]} 列" if found else "到文件末尾"
    return f"{where}不是正确的 TOML：{_advice(text, str(error), found)}"


def _advice(text: str, said: str, found: re.Match[str] | None) -> str:
    if found is not None:
        lines = text.replace("\r\n", "\n").split("\n")
        line = lines[int(found[1]) - 1] if int(found[1]) <= len(lines) else ""
        bare = _STRINGS.sub(lambda each: " " * len(each[0]), line)
        wide = dict.fromkeys(sign for sign in bare if sign in _FULL_WIDTH)
        if wide:
            return f"这一行有全角符号 {' '.join(wide)}，请改为英文半角 {' '.join(_FULL_WIDTH[sign] for sign in wide)}"
        if _CHINESE.match(bare[int(found[2]) - 1 :]):
            return "文字要加英文引号" if said.startswith("Invalid value") else _QUOTE
    return next((words for begin, words in _SAID.items() if said.startswith(begin)), said)
