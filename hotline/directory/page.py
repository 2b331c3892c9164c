"""How do the public pages of the directory look, on the hall's screen, a kiosk and a telephone? Plain HTML; pure.

No script, nothing from elsewhere, big type. `kiosk` has the form to search by area and service; `screen` shows page
after page by itself and has nothing to touch. Of people only those are named who are marked public, without numbers.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape
from typing import Final
from urllib.parse import urlencode

import msgspec

from hotline.directory import hours
from hotline.directory.hours import OpenState, Standing
from hotline.directory.kinds import KINDS
from hotline.directory.unit import Unit
from hotline.rosters.calendar import SHANGHAI
from hotline.tickets.matter import MATTERS, Matter


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """An office with what the page says of it."""

    unit: Unit
    standing: Standing
    people: Sequence[str] = ()
    """Those marked public, as lines."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What the visitor looks for; empty: anything."""

    hall: str
    area: str = ""
    service: str = ""
    text: str = ""
    open_now: bool = False
    cursor: str = ""


PATH: Final = "/public/directory"
_STYLE: Final = """
:root{color-scheme:light}*{box-sizing:border-box}
body{margin:0;background:#eef2f7;color:#10233a;font:22px/1.55 system-ui,"PingFang SC","Microsoft YaHei",sans-serif}
header{background:#0f3d6e;color:#fff;padding:18px 28px;display:flex;flex-wrap:wrap;gap:6px 28px;align-items:baseline}
h1{font-size:1.7em;margin:0}header p{margin:0}main{max-width:1180px;margin:0 auto;padding:20px 24px 60px}
form{display:flex;flex-wrap:wrap;gap:16px;align-items:end;background:#fff;border-radius:14px;padding:18px;
margin:0 0 20px}
form div{flex:1 1 14rem}label{display:block;font-weight:600}
label.tick{display:flex;align-items:center;gap:12px;min-height:64px}
select,input[type=search]{width:100%;min-height:64px;font:inherit;padding:8px 14px;border:2px solid #5b708a;
border-radius:12px;background:#fff;color:inherit}input[type=checkbox]{width:34px;height:34px;accent-color:#14508c}
button,a.go{display:inline-block;min-height:64px;padding:12px 34px;border:0;border-radius:12px;background:#14508c;
color:#fff;font:inherit;font-weight:600;text-decoration:none}
ul.units{list-style:none;margin:0;padding:0;display:grid;gap:16px}
li.unit{background:#fff;border-radius:14px;padding:18px 22px}
h2{font-size:1.35em;margin:0;display:inline}.kind{color:#40546c;margin-left:14px}
.state{float:right;border-radius:10px;padding:4px 18px;font-weight:700;border:2px solid}
.open{background:#e3f4e7;color:#0b5a23;border-color:#0b5a23}.closed{background:#f1f2f4;color:#3f4753;border-color:#5b6470}
.appointment{background:#fff3da;color:#6d4300;border-color:#8a5a0a}.unknown{background:#fff;color:#3f4753;border-color:#aab3bf}
dl{display:grid;grid-template-columns:5em 1fr;gap:2px 14px;margin:10px 0 0;clear:both}dt{color:#40546c}dd{margin:0}
.soft{color:#40546c}.foot{margin-top:26px}:focus-visible{outline:4px solid #b86e00;outline-offset:3px}
body.screen{font-size:26px}body.screen main{max-width:none}body.screen ul.units{grid-template-columns:1fr 1fr}
body.screen .kind{display:block;margin:4px 0 0}body.screen dl{grid-template-columns:3em 1fr}
"""
CONTENT_POLICY: Final = (
    "default-src 'none'; style-src 'sha256-"
    + base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    + "'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
"""Content-Security-Policy of every page here."""


def kiosk(
    title: str, asked: Asked, found: Sequence[Shown], areas: Mapping[str, str], now: datetime, following: str | None
) -> str:
    """The page to search on. `areas`: code → name; `following`: where the next page begins."""
    listed = (
        "".join(_unit(each, now) for each in found)
        or '<li class="unit">没有符合条件的机构。可以换一个区域或业务再试。</li>'
    )
    more = f'<p class="foot"><a class="go" href="{_link(asked, following)}">下一页</a></p>' if following else ""
    return _page(title, f'{_form(asked, areas)}<ul class="units">{listed}</ul>{more}', now, "")


def screen(title: str, found: Sequence[Shown], now: datetime) -> str:
    """A page for a wall: nothing to touch."""
    listed = "".join(_unit(each, now) for each in found) or '<li class="unit">名录还没有内容。</li>'
    return _page(title, f'<ul class="units">{listed}</ul>', now, "screen")


def notice(title: str, text: str, now: datetime) -> str:
    """A page that only says something."""
    return _page(title, f'<p role="status">{escape(text)}</p>', now, "")


def stands(standing: Standing, now: datetime) -> str:
    """`现在开放（至 17:30）`, `已关闭（明天 09:00 开放）`, `需预约`, `时间未知`."""
    if standing.state is OpenState.UNKNOWN:
        return "时间请电话询问"
    if standing.state is OpenState.APPOINTMENT:
        return "需预约"
    if standing.until is None:
        return "现在开放" if standing.state is OpenState.OPEN else "已关闭"
    until, today = standing.until.astimezone(SHANGHAI), now.astimezone(SHANGHAI).date()
    days = (until.date() - today).days
    if standing.state is OpenState.OPEN:
        end = "24:00" if days == 1 and (until.hour, until.minute) == (0, 0) else f"{until:%H:%M}"
        return f"现在开放（至 {end}）" if days == 0 or end == "24:00" else "现在开放"
    when = {0: "今天", 1: "明天"}.get(days) or (
        hours.WEEKDAYS[until.weekday()] if days < 7 else f"{until.month}月{until.day}日"
    )
    return f"已关闭（{when} {until:%H:%M} 开放）" if (until.hour, until.minute) != (0, 0) else f"已关闭（{when}可预约）"


def _unit(shown: Shown, now: datetime) -> str:
    unit = shown.unit
    services = "、".join(MATTERS[each] for each in Matter if each.value in unit.services)
    told = [
        ("地址", unit.address),
        ("电话", unit.telephone),
        ("业务", "；".join(each for each in (services, unit.services_note) if each)),
        ("时间", "；".join(hours.told(unit.hours))),
        ("人员", "；".join(shown.people)),
    ]
    rows = "".join(f"<dt>{title}</dt><dd>{escape(text)}</dd>" for title, text in told if text)
    state = shown.standing.state.value
    area = f"{escape(unit.area_name)} · " if unit.area_name else ""
    return (
        f'<li class="unit"><span class="state {state}">{stands(shown.standing, now)}</span><h2>{escape(unit.name)}</h2>'
        f'<span class="kind">{area}{KINDS[unit.kind]}</span><dl>{rows}</dl></li>'
    )


def _form(asked: Asked, areas: Mapping[str, str]) -> str:
    area = _option("", "全部区域", asked.area)
    area += "".join(_option(code, f"{'　' * (len(code) > 6)}{name}", asked.area) for code, name in areas.items())
    service = _option("", "全部业务", asked.service)
    service += "".join(_option(each.value, MATTERS[each], asked.service) for each in Matter)
    ticked = " checked" if asked.open_now else ""
    return f"""<form method="get" action="{PATH}" role="search">
<input type="hidden" name="hall" value="{escape(asked.hall)}">
<div><label for="area">区域</label><select id="area" name="area">{area}</select></div>
<div><label for="service">业务</label><select id="service" name="service">{service}</select></div>
<div><label for="text">名称或地址</label>
<input id="text" name="text" type="search" maxlength="60" value="{escape(asked.text)}"></div>
<label class="tick"><input type="checkbox" name="open" value="1"{ticked}>现在开放</label>
<button type="submit">查询</button>
</form>"""


def _option(value: str, label: str, chosen: str) -> str:
    return f'<option value="{escape(value)}"{" selected" if value == chosen else ""}>{escape(label)}</option>'


def _link(asked: Asked, cursor: str) -> str:
    query = {"hall": asked.hall, "area": asked.area, "service": asked.service, "text": asked.text}
    chosen = {name: value for name, value in query.items() if value} | ({"open": "1"} if asked.open_now else {})
    return escape(f"{PATH}?{urlencode({**chosen, 'cursor': cursor})}")


def _page(title: str, body: str, now: datetime, kind: str) -> str:
    at = now.astimezone(SHANGHAI)
    day = f"{at.month}月{at.day}日 {hours.WEEKDAYS[at.weekday()]} {at:%H:%M}"
    return f"""<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>公共法律服务机构 - {escape(title)}</title>
<style>{_STYLE}</style></head>
<body class="{kind}"><header><h1>公共法律服务机构</h1><p>{escape(title)}</p><p>{day}</p></header>
<main>
{body}
<p class="soft foot">法律咨询请拨打 12348。如遇人身危险，请立即拨打 110。</p>
</main></body></html>
"""
