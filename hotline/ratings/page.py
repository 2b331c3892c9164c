"""How does the page look on which a caller rates by link? Plain HTML for a telephone's screen; pure.

No script, nothing from elsewhere, nothing that names the caller, the matter or the lawyer: whoever finds the link
learns that somebody called 12348 on a day.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from datetime import date
from html import escape
from typing import Final

import msgspec

from hotline.ratings.links import LinkState
from hotline.ratings.questions import HIGHEST, LABELS, LOWEST, Question
from hotline.ratings.service import MAX_COMMENT

ANSWERS: Final[Mapping[int, str]] = {5: "非常满意", 4: "满意", 3: "一般", 2: "不满意", 1: "非常不满意"}
_STYLE: Final = """
:root{color-scheme:light}*{box-sizing:border-box}
body{margin:0;background:#f3f6fa;color:#16263b;font:17px/1.6 system-ui,"PingFang SC","Microsoft YaHei",sans-serif}
main{max-width:34rem;margin:0 auto;padding:20px 16px 48px}
h1{font-size:1.35rem;margin:8px 0 4px}p{margin:6px 0}.soft{color:#4a5b70}
fieldset{border:0;margin:18px 0 0;padding:14px 14px 6px;background:#fff;border-radius:12px}
legend{float:left;width:100%;font-weight:600;font-size:1.1rem;padding:0 0 6px}legend+*{clear:both}
label.choice{display:flex;align-items:center;gap:14px;min-height:52px;padding:6px 4px;border-top:1px solid #e3e9f1}
input[type=radio]{width:26px;height:26px;margin:0;accent-color:#14508c;flex:none}
textarea{width:100%;min-height:110px;font:inherit;padding:10px;border:1px solid #74869c;border-radius:10px}
.block{display:block;margin:20px 0 6px;font-weight:600}
button{display:block;width:100%;min-height:56px;margin-top:20px;border:0;border-radius:12px;background:#14508c;color:#fff;
font:inherit;font-weight:600;font-size:1.15rem}
:focus-visible{outline:3px solid #d98200;outline-offset:2px}
.wrong{background:#fdeceb;color:#8c1d18;padding:12px 14px;border-radius:10px;font-weight:600}
"""
CONTENT_POLICY: Final = (
    "default-src 'none'; style-src 'sha256-"
    + base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    + "'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
"""Content-Security-Policy of every page here."""


class Filled(msgspec.Struct, frozen=True, kw_only=True):
    """What the caller had filled in, when the form is shown again."""

    scores: Mapping[Question, int] = {}
    comment: str = ""
    wrong: str = ""
    """Why it was not taken."""


def form(day: date, filled: Filled | None = None) -> str:
    """The questions about a call of that day (Asia/Shanghai)."""
    known = filled or Filled()
    questions = "".join(_question(question, known.scores.get(question)) for question in Question)
    wrong = f'<p class="wrong" role="alert">{escape(known.wrong)}</p>' if known.wrong else ""
    return _page(
        "服务评价",
        f"""<h1>请您评价本次服务</h1>
<p>您于 {day.year} 年 {day.month} 月 {day.day} 日拨打了 12348 公共法律服务热线。</p>
<p class="soft">评价只用于改进服务，接待您的律师看不到是谁作出的评价。不想回答的题目可以不选。</p>
{wrong}<form method="post">
{questions}
<label class="block" for="comment">您的意见和建议（选填）</label>
<textarea id="comment" name="comment" maxlength="{MAX_COMMENT}">{escape(known.comment)}</textarea>
<p class="soft">请不要填写姓名、证件号码等个人信息。</p>
<button type="submit">提交评价</button>
</form>""",
    )


def told(state: LinkState) -> str:
    """The page for a link that is not open (any more)."""
    title, text = _TOLD[state]
    return notice(title, text)


def notice(title: str, text: str) -> str:
    """A page that only says something."""
    return _page(title, f'<h1>{escape(title)}</h1>\n<p role="status">{escape(text)}</p>\n<p>{_HELP}</p>')


_HELP: Final = "如需法律咨询，请拨打 12348。如遇人身危险，请立即拨打 110。"
_TOLD: Final[Mapping[LinkState, tuple[str, str]]] = {
    LinkState.OPEN: ("服务评价", "请重新打开链接。"),
    LinkState.USED: ("感谢您的评价", "您的评价已经收到。每个链接只能使用一次。"),
    LinkState.EXPIRED: ("链接已过期", "这个评价链接已超过有效期，不能再使用。感谢您对 12348 的关注。"),
    LinkState.WITHDRAWN: ("链接已更新", "这个评价链接已由新的链接代替，请使用最近收到的链接。"),
    LinkState.UNKNOWN: ("链接无效", "没有找到这个评价链接，请检查地址是否完整。"),
}


def _question(question: Question, chosen: int | None) -> str:
    choices = "".join(
        f'<label class="choice"><input type="radio" name="{question.value}" value="{score}"'
        f"{' checked' if score == chosen else ''}><span>{text}（{score} 分）</span></label>"
        for score, text in ANSWERS.items()
        if LOWEST <= score <= HIGHEST
    )
    return f"<fieldset><legend>{LABELS[question]}</legend>{choices}</fieldset>"


def _page(title: str, body: str) -> str:
    return f"""<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow">
<title>{escape(title)} - 12348 公共法律服务热线</title>
<style>{_STYLE}</style></head>
<body><main>
{body}
</main></body></html>
"""
