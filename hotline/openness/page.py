"""How does the public page of the services look, on a kiosk, a telephone and on paper? Plain HTML; pure.

No script, nothing from elsewhere, big type, large places to touch; printed, each service stays together.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape
from typing import Final

from hotline.openness.content import Content, Service
from hotline.openness.figures import FEWEST, Month
from hotline.rosters.calendar import SHANGHAI

PATH: Final = "/public/services"
_STYLE: Final = """
:root{color-scheme:light}*{box-sizing:border-box}
body{margin:0;background:#eef2f7;color:#10233a;font:22px/1.6 system-ui,"PingFang SC","Microsoft YaHei",sans-serif}
header{background:#0f3d6e;color:#fff;padding:22px 32px}h1{font-size:1.8em;margin:0}header p{margin:4px 0 0}
main{max-width:1180px;margin:0 auto;padding:22px 26px 60px}
nav ul{list-style:none;margin:0 0 22px;padding:0;display:grid;gap:14px;
grid-template-columns:repeat(auto-fill,minmax(15em,1fr))}
nav a{display:flex;align-items:center;min-height:72px;padding:10px 22px;border-radius:14px;background:#14508c;
color:#fff;font-weight:600;text-decoration:none}
section{background:#fff;border-radius:16px;padding:22px 26px;margin:0 0 18px;break-inside:avoid}
h2{font-size:1.35em;margin:0 0 8px}dl{display:grid;grid-template-columns:6em 1fr;gap:6px 16px;margin:0}
dt{color:#40546c}dd{margin:0}ol,dd ul{margin:0;padding-left:1.4em}table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:10px 12px;border-bottom:1px solid #c8d2de}td.n,th.n{text-align:right}
.phone{font-size:1.9em;font-weight:700;color:#0f3d6e}.soft{color:#40546c}
a.up{display:inline-block;min-height:48px;padding:8px 0;color:#14508c}
:focus-visible{outline:4px solid #b86e00;outline-offset:3px}
@media (min-height:1500px){body{font-size:26px}}
@media (max-width:600px){body{font-size:19px}dl{grid-template-columns:1fr}dt{font-weight:600}}
@media print{@page{margin:16mm}body{background:#fff;font-size:12pt}header{background:none;color:#000;padding:0}
nav,a.up{display:none}section{border:1px solid #777;padding:8pt 12pt;margin:0 0 10pt}main{padding:0;max-width:none}}
"""
CONTENT_POLICY: Final = (
    "default-src 'none'; style-src 'sha256-"
    + base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    + "'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
)
"""Content-Security-Policy of every page here."""


def page(
    hall: str, content: Content, standards: Mapping[str, Sequence[str]], months: Sequence[Month], now: datetime
) -> str:
    """The page. `standards`: by business type; `months`: the newest first."""
    links = "".join(f'<li><a href="#s{at}">{escape(each.title)}</a></li>' for at, each in enumerate(content.services))
    services = "".join(_service(at, each, standards.get(each.matter, ())) for at, each in enumerate(content.services))
    return _html(
        hall,
        f"""<section><p>{escape(content.intro)}</p><dl><dt>服务时间</dt><dd>{escape(content.hours)}</dd></dl></section>
<nav aria-label="服务清单"><ul>{links}<li><a href="#satisfaction">满意度</a></li>
<li><a href="#complaint">监督投诉</a></li></ul></nav>
{services}{_satisfaction(months)}
<section id="complaint"><h2>监督投诉</h2><p class="phone">{escape(content.complaint_phone)}</p>
<p>{escape(content.complaint_note)}</p><a class="up" href="#top">回到顶部</a></section>""",
        now,
    )


def notice(title: str, text: str, now: datetime) -> str:
    """A page that only says something."""
    return _html(title, f'<section><p role="status">{escape(text)}</p></section>', now)


def _service(at: int, service: Service, standards: Sequence[str]) -> str:
    promised = [*standards, *([service.standard] if service.standard else [])]
    rows = (
        ("办理方式", escape(service.channels)),
        ("承办单位", escape(service.unit)),
        ("办理流程", _list("ol", service.procedure)),
        ("所需材料", _list("ul", service.materials)),
        ("服务标准", _list("ul", promised)),
        ("收费", escape(service.fee)),
    )
    told = "".join(f"<dt>{title}</dt><dd>{text}</dd>" for title, text in rows if text)
    return (
        f'<section id="s{at}"><h2>{escape(service.title)}</h2><dl>{told}</dl>'
        '<a class="up" href="#top">回到顶部</a></section>\n'
    )


def _satisfaction(months: Sequence[Month]) -> str:
    rows = "".join(
        f"<tr><th>{each.month.year} 年 {each.month.month} 月</th>"
        f'<td class="n">{_number(each.rated)}</td><td class="n">{_rate(each.satisfied)}</td>'
        f'<td class="n">{_number(each.asked)}</td><td class="n">{_rate(each.content)}</td></tr>'
        for each in months
    )
    return f"""<section id="satisfaction"><h2>满意度</h2><table><thead><tr><th>月份</th><th class="n">评价人次</th>
<th class="n">满意率</th><th class="n">回访人次</th><th class="n">回访满意率</th></tr></thead>
<tbody>{rows}</tbody></table>
<p class="soft">满意率＝满意 ÷ 作出评价的；回访满意率＝满意和基本满意 ÷ 回访到的。不足 {FEWEST} 人次的月份不公布。</p>
<a class="up" href="#top">回到顶部</a></section>"""


def _list(tag: str, lines: Sequence[str]) -> str:
    return f"<{tag}>{''.join(f'<li>{escape(each)}</li>' for each in lines)}</{tag}>" if lines else ""


def _number(number: int | None) -> str:
    return "—" if number is None else str(number)


def _rate(rate: float | None) -> str:
    return "—" if rate is None else f"{rate:.1%}"


def _html(title: str, body: str, now: datetime) -> str:
    at = now.astimezone(SHANGHAI)
    return f"""<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>服务公开 - {escape(title)}</title>
<style>{_STYLE}</style></head>
<body id="top"><header><h1>服务公开</h1><p>{escape(title)} · {at.year} 年 {at.month} 月 {at.day} 日</p></header>
<main>
{body}
<p class="soft">法律咨询请拨打 12348。如遇人身危险，请立即拨打 110。</p>
</main></body></html>
"""
