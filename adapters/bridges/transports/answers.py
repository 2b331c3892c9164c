"""What does an HTTP answer say: taken, had it already, not now, never, or nothing that can be relied on? Pure.

Judged in this order: what the door says (401, 403, redirects), then what the answer's own code says, then the status. A
status of 500 or more never settles anything, whatever stands in the body: half the work may be done.
"""

from __future__ import annotations

from typing import Final

import msgspec

from adapters.bridge import InDoubt, NotNow
from adapters.bridges.mapping import Answer
from adapters.bridges.transports.transport import What
from adapters.bridges.tree import text_at
from adapters.bridges.writing import Format, clean, decode
from adapters.errors import AdapterError, Misconfigured, Refused, Undecodable
from adapters.handover_package import KEY_CHARS
from adapters.reading import printable

_SHORT: Final = 64
_LONG: Final = 400
_WRONG_ADDRESS: Final = frozenset({404, 405, 410, 501})
_UNSETTLED: Final = frozenset({408, 409, 425})
"""Without a code of theirs: it may be there."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What it comes to."""

    their_no: str = ""
    repeated: bool = False
    absent: bool = False
    error: AdapterError | None = None


def judge(status: int, body: bytes, answer: Answer, form: Format, *, key: str, case: What) -> Verdict:
    """The answer to something that was sent."""
    if (wrong := _door(status)) is not None:
        return Verdict(error=wrong)
    if status >= 500 and status != 501:
        return Verdict(error=InDoubt(f"对方出错（HTTP {status}），不知道是否收下"))
    tree = _tree(body, form)
    code = text_at(tree, answer.code, _SHORT)
    if code and code in answer.later:
        return Verdict(error=NotNow(f"对方暂时不收{_words(tree, answer, code)}"))
    if code and code not in answer.ok and code not in answer.repeated:
        return Verdict(error=Refused(f"对方不收{_words(tree, answer, code)}"))
    if code or (answer.code is None and 200 <= status < 300):
        return _taken(tree, answer, code, status, key=key, case=case)
    if 200 <= status < 300:
        return Verdict(error=InDoubt(f"对方答复 HTTP {status}，内容却不是约定的格式，不知道是否收下"))
    if status in _WRONG_ADDRESS:
        return Verdict(error=Misconfigured(f"对方没有这个地址（HTTP {status}）：请核对 url 和映射文件的 [http]"))
    if status in _UNSETTLED:
        return Verdict(error=InDoubt(f"对方答复 HTTP {status}，没有说明是否收下"))
    return Verdict(error=Refused(f"对方不收（HTTP {status}）"))


def heard_as(status: int, body: bytes, answer: Answer, form: Format) -> Verdict:
    """The answer to a question: it says something, says that there is nothing, or nobody can tell."""
    if (wrong := _door(status)) is not None:
        return Verdict(error=wrong)
    tree = _tree(body, form)
    code = text_at(tree, answer.code, _SHORT)
    if code and code in answer.absent and status < 500:
        return Verdict(absent=True)
    if 200 <= status < 300 and (code in answer.ok if answer.code is not None else tree is not None):
        return Verdict()
    return Verdict(error=NotNow(f"对方没有答复查询（HTTP {status}）{_words(tree, answer, code)}"))


def _door(status: int) -> AdapterError | None:
    if status in (401, 403, 407):
        return Misconfigured(f"对方不认我方的签名或令牌（HTTP {status}）：请与对方核对密钥、本机时钟和地址白名单")
    if 300 <= status < 400 or status < 200:
        return Misconfigured(f"对方要求改用别的地址（HTTP {status}）：请核对 url，本系统不跟随跳转")
    return None


def _taken(tree: object, answer: Answer, code: str, status: int, *, key: str, case: What) -> Verdict:
    repeated = bool(code) and code in answer.repeated
    if not (200 <= status < 300 or (repeated and status == 409)):
        return Verdict(error=InDoubt(f"对方答复 HTTP {status}，代码却说收下了，不知道以哪个为准"))
    if answer.echo is not None and text_at(tree, answer.echo, KEY_CHARS + 1) != key:
        return Verdict(error=InDoubt("对方的答复说的不是这一件，不知道是否收下"))
    their_no = clean(text_at(tree, answer.their_no, _SHORT))
    if answer.their_no is not None and case is What.CASE and not their_no:
        return Verdict(error=InDoubt("对方说收下了，却没有给出编号，不知道是否办理"))
    return Verdict(their_no=their_no, repeated=repeated)


def _tree(body: bytes, form: Format) -> object:
    try:
        return decode(body, form)
    except Undecodable:
        return None


def _words(tree: object, answer: Answer, code: str) -> str:
    said = printable(clean(text_at(tree, answer.message, _LONG)))
    shown = "，".join(each for each in (printable(code), said) if each)
    return f"（{shown}）" if shown else ""
