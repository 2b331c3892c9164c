"""How does the page look on which a citizen asks how far a matter is (进度查询)? Plain HTML for a telephone; pure.

No script, nothing from elsewhere. Whoever has number and code learns the state, who handles it and by when – not what
it is about, and nothing about any person.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from datetime import datetime
from html import escape
from typing import Final

import msgspec

from hotline.rosters.calendar import SHANGHAI
from hotline.tickets.ticket import TicketState as S

PATH: Final = "/public/progress"
WORDS: Final[Mapping[S, str]] = {
    S.DRAFT: "已受理，等待处理",
    S.OPEN: "已受理，等待处理",
    S.RETURNED: "已受理，等待处理",
    S.REOPENED: "重新办理中",
    S.DISPATCHED: "已转交承办单位",
    S.DESIGNATED: "已转交承办单位",
    S.SIGNED: "承办单位办理中",
    S.IN_PROGRESS: "承办单位办理中",
    S.REPLIED: "承办单位办理中",  # the hall has not agreed to the reply yet
    S.REVIEWED: "已答复",
    S.FOLLOWED_UP: "已答复",
    S.CLOSED: "已办结",
    S.MERGED: "已与同一事项合并办理",
    S.NOT_ACCEPTED: "不予受理",
    S.TERMINATED: "已终止",
}
"""In the citizen's words; what only the hall and its units care about is not told."""
_HELP: Final = "如需了解详情，请拨打 12348。如遇人身危险，请立即拨打 110。"
_STYLE: Final = """
:root{color-scheme:light}*{box-sizing:border-box}
body{margin:0;background:#f3f6fa;color:#16263b;font:17px/1.6 system-ui,"PingFang SC","Microsoft YaHei",sans-serif}
main{max-width:34rem;margin:0 auto;padding:20px 16px 48px}
h1{font-size:1.35rem;margin:8px 0 4px}p{margin:6px 0}.soft{color:#4a5b70}
form,dl{margin:18px 0 0;padding:16px;background:#fff;border-radius:12px}
label{display:block;font-weight:600;margin-top:10px}
input{width:100%;min-height:52px;font:inherit;padding:8px 12px;border:1px solid #74869c;border-radius:10px}
button{display:block;width:100%;min-height:56px;margin-top:20px;border:0;border-radius:12px;background:#14508c;color:#fff;
font:inherit;font-weight:600;font-size:1.15rem}
dt{color:#4a5b70;margin-top:10px}dd{margin:0;font-weight:600;overflow-wrap:anywhere}.state{font-size:1.3rem;color:#14508c}
:focus-visible{outline:3px solid #d98200;outline-offset:2px}
.wrong{background:#fdeceb;color:#8c1d18;padding:12px 14px;border-radius:10px;font-weight:600}
"""
CONTENT_POLICY: Final = (
    "default-src 'none'; style-src 'sha256-"
    + base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    + "'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
"""Content-Security-Policy of every page here."""


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How far a matter is."""

    number: str
    state: S
    accepted_at: datetime
    since: datetime | None
    """When it came to this state, where that is known."""
    unit: str = ""
    unit_telephone: str = ""
    due_at: datetime | None = None
    """By when the unit has to answer."""


def form(number: str = "", wrong: str = "") -> str:
    """The page to ask on. `wrong`: why nothing was found."""
    said = f'<p class="wrong" role="alert">{escape(wrong)}</p>' if wrong else ""
    return _page(
        "进度查询",
        f"""<h1>办理进度查询</h1>
<p class="soft">工单编号和查询码在短信或指引单上。没有查询码，可以拨打 12348 查询。</p>
{said}<form method="post" autocomplete="off">
<label for="number">工单编号</label>
<input id="number" name="number" required maxlength="64" autocapitalize="off" spellcheck="false"
 value="{escape(number)}">
<label for="code">查询码（8 位数字）</label>
<input id="code" name="code" required maxlength="12" inputmode="numeric">
<button type="submit">查询</button>
</form>
<p>{_HELP}</p>""",
    )


def found(standing: Standing, now: datetime) -> str:
    """How far it is."""
    told = [("工单编号", standing.number), ("受理时间", _day(standing.accepted_at))]
    if standing.unit:
        told.append(("承办单位", standing.unit))
    if standing.unit_telephone:
        told.append(("承办单位电话", standing.unit_telephone))
    if standing.due_at is not None:
        late = "（已超过，正在催办）" if standing.due_at < now else ""
        told.append(("办理期限", _day(standing.due_at) + late))
    if standing.since is not None:
        told.append(("最近更新", _day(standing.since)))
    rows = "".join(f"<dt>{title}</dt><dd>{escape(text)}</dd>" for title, text in told)
    return _page(
        "进度查询",
        f"""<h1>办理进度</h1>
<dl role="status"><dt>当前状态</dt><dd class="state">{WORDS[standing.state]}</dd>{rows}</dl>
<p><a href="{PATH}">查询其他工单</a></p>
<p>{_HELP}</p>""",
    )


def notice(title: str, text: str) -> str:
    """A page that only says something."""
    return _page(title, f'<h1>{escape(title)}</h1>\n<p role="status">{escape(text)}</p>\n<p>{_HELP}</p>')


def _day(at: datetime) -> str:
    here = at.astimezone(SHANGHAI)
    return f"{here.year} 年 {here.month} 月 {here.day} 日"


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
