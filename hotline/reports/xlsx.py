"""How does a day's report look in a spreadsheet?

Four sheets in Chinese, native charts, the definitions at the foot. The same report gives the same bytes: the only date
in the file is the reported day. Texts are written as texts, so no cell can become a formula.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, time
from pathlib import Path
from typing import Any, Final

import xlsxwriter
from xlsxwriter.chart import Chart
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

_SAFE: Final = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": False,
}
_STATES: Final = {"final": "定稿", "provisional": "暂计（尚有来电未结束，或当日未完）"}
_EXCLUDED: Final = {
    "live": "未了结",
    "left": "放弃",
    "left_in_time": "时限内放弃",
    "without_segments": "无分段",
    "callback_got_through": "到期前已自行接通",
    "callback_closed": "到期前已办结",
}
_RATING_HEADINGS: Final = (
    ("rated", "测评量", "count"),
    ("rating_rate", "测评率", "rate"),
    ("satisfied", "满意量", "count"),
    ("satisfaction", "满意率", "rate"),
)
_GROUP_HEADINGS: Final = (
    ("label", "分组", "text"),
    ("offered", "呼入量", "count"),
    ("answered", "接听量", "count"),
    ("abandoned", "放弃量", "count"),
    ("answer_rate", "接通率", "rate"),
    ("asked", "人工请求量", "count"),
    ("answered_within_15", "15 秒内应答", "count"),
    ("sl_15", "15 秒接通率", "rate"),
    ("mean_wait_seconds", "平均等待（秒）", "seconds"),
    ("mean_talk_seconds", "平均通话（秒）", "seconds"),
    *_RATING_HEADINGS,
)
_TAKER_HEADINGS: Final = (
    ("key", "坐席 / 账号", "text"),
    ("work_number", "工号", "text"),
    ("name", "姓名", "text"),
    ("answered", "接听量（首接）", "count"),
    ("passed_to", "转入量", "count"),
    ("served", "接谈量", "count"),
    ("mean_wait_seconds", "平均等待（秒）", "seconds"),
    ("talk_seconds", "通话总时长（秒）", "seconds"),
    ("hold_seconds", "保持总时长（秒）", "seconds"),
    ("consult_seconds", "咨询总时长（秒）", "seconds"),
    ("mean_talk_seconds", "平均通话（秒）", "seconds"),
    ("last_with", "末位接谈量", "count"),
    *_RATING_HEADINGS,
)
_DUTY_HEADINGS: Final = (
    *_GROUP_HEADINGS[:5],
    ("forwarded", "转接值班电话", "count"),
    ("voicemail", "留言", "count"),
    *_GROUP_HEADINGS[5:],
)
_OUTBOUND_HEADINGS: Final = (
    ("label", "外呼用途", "text"),
    ("begun", "外呼量", "count"),
    ("dialled", "拨出量", "count"),
    ("reached", "接通量", "count"),
    ("reach_rate", "外呼接通率", "rate"),
    ("talk_seconds", "通话总时长（秒）", "seconds"),
)
_OUTAGE_HEADINGS: Final = (
    ("label", "服务、线路或端口", "text"),
    ("times", "次数", "count"),
    ("seconds", "总时长（秒）", "seconds"),
    ("longest_seconds", "最长一次（秒）", "seconds"),
)
_HOURS_SHEET: Final = "分时"


def write_xlsx(report: Mapping[str, Any], path: Path) -> None:
    """Write the report as `hotline.reports.answer_rate` gives it; an existing file is replaced."""
    day = datetime.combine(datetime.fromisoformat(report["day"]).date(), time())
    with xlsxwriter.Workbook(str(path), _SAFE) as book:
        book.set_properties({"title": f"接通率日报 {report['day']}", "author": "hotline-12348", "created": day})
        styles = _styles(book)
        _summary(book, styles, report)
        _hours(book, styles, report["hours"])
        sheet = _sheet(book, "队列与线路", 18)
        at = _table(sheet, styles, 0, "按队列", _GROUP_HEADINGS, report["queues"])
        at = _table(sheet, styles, at + 1, "按来电线路", _GROUP_HEADINGS, report["lines"])
        at = _table(sheet, styles, at + 1, "按值守方式（以排班为准）", _DUTY_HEADINGS, report["duty"])
        at = _table(sheet, styles, at + 1, "外呼（不计入呼入量）", _OUTBOUND_HEADINGS, report["outbound"])
        _table(sheet, styles, at + 1, "系统故障时段（不改变以上各率，仅供佐证）", _OUTAGE_HEADINGS, report["outages"])
        sheet = _sheet(book, "坐席与人员", 18)
        at = _table(sheet, styles, 0, "按坐席", _TAKER_HEADINGS, report["seats"])
        _table(sheet, styles, at + 1, "按人员", _TAKER_HEADINGS, report["operators"])


def _styles(book: Workbook) -> dict[str, Format]:
    base = {"font_name": "Noto Sans CJK SC", "font_size": 10, "valign": "vcenter"}
    return {
        "title": book.add_format({**base, "bold": True, "font_size": 14}),
        "heading": book.add_format({**base, "bold": True, "bg_color": "#DCE6F1", "border": 1, "text_wrap": True}),
        "text": book.add_format({**base, "border": 1}),
        "wrap": book.add_format({**base, "border": 1, "text_wrap": True}),
        "count": book.add_format({**base, "border": 1, "num_format": "#,##0"}),
        "rate": book.add_format({**base, "border": 1, "num_format": "0.00%"}),
        "seconds": book.add_format({**base, "border": 1, "num_format": "#,##0.0"}),
        "score": book.add_format({**base, "border": 1, "num_format": "0.00"}),
        "plain": book.add_format(base),
    }


def _sheet(book: Workbook, name: str, first_width: int) -> Worksheet:
    sheet: Worksheet = book.add_worksheet(name)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_column(0, 0, first_width)
    sheet.set_column(1, 15, 14)
    sheet.set_footer("&L各项口径见“日报”表末&R第 &P 页，共 &N 页")
    return sheet


def _summary(book: Workbook, styles: Mapping[str, Format], report: Mapping[str, Any]) -> None:
    sheet = _sheet(book, "日报", 34)
    sheet.set_column(6, 6, 46)
    sheet.write_string(0, 0, f"12348 热线接通率日报　{report['hall']}　{report['day']}", styles["title"])
    until = report["data_until"] or "当日无来电"
    state = _STATES.get(report["state"], report["state"])
    sheet.write_string(1, 0, f"状态：{state}　数据截至：{until}　时区：北京时间", styles["plain"])
    units = _units(report["measures"])
    at = 3
    for column, heading in enumerate(("指标", "数值", "分子", "分母", "剔除数", "剔除明细", "口径")):
        sheet.write_string(at, column, heading, styles["heading"])
    labels = {**_EXCLUDED, **{found["outcome"]: found["label"] for found in report["outcomes"]}}
    for measure in report["measures"]:
        at += 1
        unit = units[measure["id"]]
        sheet.write_string(at, 0, measure["label"], styles["text"])
        _number(sheet, at, 1, measure["value"], styles[unit])
        part = styles["seconds" if unit == "seconds" else "count"]
        if unit == "count":
            sheet.write_blank(at, 2, None, styles["text"])
            sheet.write_blank(at, 3, None, styles["text"])
        else:
            _number(sheet, at, 2, measure["numerator"], part)
            _number(sheet, at, 3, measure["denominator"], styles["count"])
        excluded = {key: number for key, number in measure["excluded"].items() if number}
        _number(sheet, at, 4, sum(excluded.values()), styles["count"])
        detail = "；".join(f"{labels.get(key, key)} {number}" for key, number in excluded.items())
        sheet.write_string(at, 5, detail, styles["wrap"])
        sheet.write_string(at, 6, measure["formula"], styles["text"])
    at += 2
    at = _table(
        sheet,
        styles,
        at,
        "来电结果",
        (("label", "结果", "text"), ("count", "数量", "count"), ("share", "占比", "rate")),
        report["outcomes"],
    )
    first = at - len(report["outcomes"])
    chart = _chart(book, "bar")
    chart.add_series(
        {
            "name": "来电结果",
            "categories": ["日报", first, 0, at - 1, 0],
            "values": ["日报", first, 1, at - 1, 1],
        }
    )
    chart.set_title({"name": "来电结果"})
    chart.set_legend({"none": True})
    chart.set_y_axis({"reverse": True})
    sheet.insert_chart(first - 1, 4, chart, {"x_scale": 1.3, "y_scale": 1.2})
    _foot(sheet, styles, at + 3, report)


def _foot(sheet: Worksheet, styles: Mapping[str, Format], at: int, report: Mapping[str, Any]) -> None:
    worst = report["worst_24h"]
    notes = [
        "口径说明",
        "来电按其到达时刻（北京时间）归日；等待自进入人工排队起算，网关自行分配的来电自到达起算。",
        "凡剔除均逐项列出，不作隐性剔除；分母为 0 时不计值。",
        "转接不改变呼入量与接听量：接听记首个接听的坐席，各坐席只计自己的通话时长，评价记最后接谈的坐席；队列以首次进入的为准。",
        "满意率须与测评率一并看：评价按来电归日，每通来电以首次评价为准，回访不改变统计。",
    ]
    if worst:
        notes.append(f"最差连续 24 小时：{worst['from']} 至 {worst['to']}。")
    for note in notes:
        sheet.write_string(at, 0, note, styles["plain"])
        at += 1
    for column, heading in enumerate(("指标", "口径编号", "", "", "计算方法", "", "来源")):
        sheet.write_string(at, column, heading, styles["heading"])
    for formula, told in report["definitions"].items():
        at += 1
        sheet.write_string(at, 0, told["label"], styles["text"])
        sheet.merge_range(at, 1, at, 3, formula, styles["text"])
        sheet.merge_range(at, 4, at, 5, told["wording"], styles["wrap"])
        sheet.write_string(at, 6, told["source"], styles["wrap"])


def _hours(book: Workbook, styles: Mapping[str, Format], hours: Sequence[Mapping[str, Any]]) -> None:
    sheet = _sheet(book, _HOURS_SHEET, 12)
    end = _table(sheet, styles, 0, "按来电时段（北京时间）", _GROUP_HEADINGS, hours)
    first, last = end - len(hours), end - 1
    columns = _chart(book, "column")
    for column in (1, 2):
        columns.add_series(
            {
                "name": [_HOURS_SHEET, first - 1, column],
                "categories": [_HOURS_SHEET, first, 0, last, 0],
                "values": [_HOURS_SHEET, first, column, last, column],
            }
        )
    line = _chart(book, "line")
    line.add_series(
        {
            "name": [_HOURS_SHEET, first - 1, 4],
            "categories": [_HOURS_SHEET, first, 0, last, 0],
            "values": [_HOURS_SHEET, first, 4, last, 4],
            "y2_axis": True,
            "marker": {"type": "circle", "size": 4},
        }
    )
    columns.combine(line)
    columns.set_title({"name": "分时呼入量、接听量与接通率"})
    line.set_y2_axis({"min": 0, "max": 1, "num_format": "0%"})
    columns.set_legend({"position": "bottom"})
    sheet.insert_chart(end + 1, 0, columns, {"x_scale": 1.9, "y_scale": 1.3})


def _table(
    sheet: Worksheet,
    styles: Mapping[str, Format],
    at: int,
    title: str,
    headings: Sequence[tuple[str, str, str]],
    rows: Iterable[Mapping[str, Any]],
) -> int:
    """A titled table from row `at` on; the row after it."""
    sheet.write_string(at, 0, title, styles["title"])
    for column, (_, heading, _) in enumerate(headings):
        sheet.write_string(at + 1, column, heading, styles["heading"])
    at += 2
    for found in rows:
        for column, (key, _, unit) in enumerate(headings):
            if unit == "text":
                sheet.write_string(at, column, str(found[key]), styles["text"])
            else:
                _number(sheet, at, column, found[key], styles[unit])
        at += 1
    return at


def _chart(book: Workbook, kind: str) -> Chart:
    chart = book.add_chart({"type": kind})
    assert chart is not None, kind
    return chart


def _number(sheet: Worksheet, row: int, column: int, value: float | None, style: Format) -> None:
    if value is None:
        sheet.write_string(row, column, "—", style)
    else:
        sheet.write_number(row, column, value, style)


def _units(measures: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    units: dict[str, str] = {}
    for measure in measures:
        if measure["formula"].startswith("count:"):
            units[measure["id"]] = "count"
        elif measure["formula"].startswith("score:"):
            units[measure["id"]] = "score"
        else:
            units[measure["id"]] = "seconds" if measure["id"].startswith("mean_") else "rate"
    return units
