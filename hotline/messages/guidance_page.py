"""What stands on the guidance sheet (指引单) that a citizen takes along? One HTML page that prints on A4; pure.

Number and code to ask by, what was advised, where to go, what to bring, and which legal way there is. No name, no
telephone number of anybody but offices.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape
from typing import Final

import msgspec

from hotline.directory import hours
from hotline.directory.unit import Unit
from hotline.rosters.calendar import SHANGHAI
from hotline.tickets.matter import MATTERS, Matter

IDENTITY: Final = "本人身份证件；委托他人办理的，另带授权委托书和受托人身份证件"
BRING: Final[Mapping[str, Sequence[str]]] = {
    Matter.LEGAL_AID: (
        IDENTITY,
        "经济困难情况说明（依法免予核查经济困难状况的人员，带相应证明）",
        "与申请事项有关的案件材料",
    ),
    Matter.MEDIATION: (IDENTITY, "能说明纠纷经过的材料（合同、票据、聊天记录等）", "对方当事人的姓名和联系方式"),
    Matter.NOTARY: (IDENTITY, "需要公证的文书，以及能证明其真实合法的材料"),
    Matter.FORENSIC: (IDENTITY, "鉴定材料和与鉴定事项有关的病历、文书"),
    Matter.ARBITRATION: (IDENTITY, "仲裁协议或者载有仲裁条款的合同", "证据材料及其目录"),
    Matter.RECONSIDERATION: (IDENTITY, "行政行为的文书（决定书、通知书等）", "说明请求和理由的材料"),
}
"""What to bring, by business type; the others bring `USUAL`."""
USUAL: Final = (IDENTITY, "与所问事项有关的材料")
CHANNELS: Final[Mapping[str, str]] = {
    Matter.LEGAL_AID: "对法律援助机构不予援助的决定有异议的，可以向设立该机构的司法行政部门提出。",
    Matter.NOTARY: "认为公证书有错误的，可以向出具该公证书的公证机构提出复查。",
    Matter.RECONSIDERATION: "对行政复议决定不服的，可以依法向人民法院起诉，法律规定为最终裁决的除外。",
    Matter.ARBITRATION: "仲裁裁决作出后即发生效力；有法定情形的，可以依法申请人民法院撤销。",
    Matter.PETITION: "信访事项请向有权处理的机关提出；依法应当通过诉讼、仲裁、行政复议解决的，请依照法定程序提出。",
}
USUAL_CHANNEL: Final = (
    "双方不能协商解决的，可以申请调解，也可以依法申请仲裁、行政复议或者向人民法院起诉；请注意时效期间。"
)
_STYLE: Final = """
@page{size:A4;margin:16mm}
body{font:12pt/1.65 "Songti SC",SimSun,"Noto Serif CJK SC",serif;color:#000;margin:0 auto;max-width:178mm;padding:8px}
h1{font-size:19pt;text-align:center;margin:0 0 4mm}h2{font-size:13pt;margin:5mm 0 1mm;border-bottom:1px solid #000}
.head{display:flex;justify-content:space-between;flex-wrap:wrap;gap:2mm 8mm}
.code{font:bold 16pt/1.4 monospace;letter-spacing:.12em}
.text{white-space:pre-wrap;overflow-wrap:anywhere;margin:0}ul{margin:0;padding-left:6mm}section{break-inside:avoid}
section.long{break-inside:auto}.foot{margin-top:6mm;border-top:1px solid #000;padding-top:2mm;font-size:10.5pt}
"""
CONTENT_POLICY: Final = (
    "default-src 'none'; style-src 'sha256-"
    + base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    + "'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)


class Guidance(msgspec.Struct, frozen=True, kw_only=True):
    """What the sheet says."""

    hall: str
    number: str
    code: str
    printed_at: datetime
    accepted_at: datetime
    matter: str
    category: str
    opinion: str
    legal_basis: str
    result: str
    unit: Unit | None
    told_channel: str
    """The legal way that the citizen was told where the matter was not accepted."""
    address: str
    """Of the progress page; empty: there is none for the public."""


def sheet(guidance: Guidance) -> str:
    """The page. Times are those of the wall in Shanghai."""
    told = [
        ("答复意见", guidance.opinion),
        ("法律依据", guidance.legal_basis),
        ("办理结果", guidance.result),
    ]
    advised = "".join(
        f'<section class="long"><h2>{title}</h2><p class="text">{escape(text)}</p></section>'
        for title, text in told
        if text.strip()
    )
    channel = guidance.told_channel or CHANNELS.get(guidance.matter, USUAL_CHANNEL)
    matter = MATTERS.get(Matter(guidance.matter), "") if guidance.matter in set(Matter) else ""
    about = "，".join(each for each in (matter, guidance.category) if each)
    bring = "".join(f"<li>{escape(each)}</li>" for each in BRING.get(guidance.matter, USUAL))
    where = f"，或打开 {escape(guidance.address)}" if guidance.address else ""
    return f"""<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>指引单 {escape(guidance.number)}</title>
<style>{_STYLE}</style></head>
<body>
<h1>{escape(guidance.hall)}指引单</h1>
<div class="head"><span>工单编号：{escape(guidance.number)}</span>
<span>受理时间：{_day(guidance.accepted_at)}</span></div>
<section><h2>查询进度</h2><p>查询码：<span class="code">{guidance.code}</span></p>
<p>凭工单编号和查询码，可拨打 12348{where} 查询办理进度。查询码请勿告知他人。</p></section>
{f"<section><h2>事项</h2><p>{escape(about)}</p></section>" if about else ""}
{advised}
{_office(guidance.unit)}
<section><h2>请带</h2><ul>{bring}</ul></section>
<section><h2>法定渠道</h2><p class="text">{escape(channel)}</p></section>
<p class="foot">本指引单根据您的陈述提供，不作为证据使用。如有疑问请拨打 12348；如遇人身危险，请立即拨打 110。
打印时间：{_day(guidance.printed_at)}</p>
</body></html>
"""


def _office(unit: Unit | None) -> str:
    if unit is None:
        return ""
    told = [("地址", unit.address), ("电话", unit.telephone), ("时间", "；".join(hours.told(unit.hours)))]
    lines = "".join(f"<br>{title}：{escape(text)}" for title, text in told if text)
    return f"<section><h2>请到</h2><p>{escape(unit.name)}{lines}</p></section>"


def _day(at: datetime) -> str:
    here = at.astimezone(SHANGHAI)
    return f"{here.year} 年 {here.month} 月 {here.day} 日"
