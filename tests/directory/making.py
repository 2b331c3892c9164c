"""Directories for tests: offices as a city has them, sheets as people fill them in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import openpyxl
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.audit.trail import SYSTEM
from hotline.directory import hours, hours_text, units
from hotline.directory.columns import COLUMNS, SHEETS
from hotline.directory.kinds import Thing, UnitKind
from hotline.directory.things import Pen
from hotline.directory.tree import Node
from hotline.directory.unit import Unit

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
"""A Monday, 10:00 in China."""
OFFICE_HOURS = "周一至周五 09:00-12:00 14:00-17:30；周六 需预约"

CITY = {
    "city": (UnitKind.CITY_HALL, None, "3301", ("legal_advice", "legal_aid")),
    "notary": (UnitKind.NOTARY_OFFICE, "city", "3301", ("notary",)),
    "county": (UnitKind.COUNTY_CENTRE, "city", "330106", ("legal_advice", "mediation")),
    "aid": (UnitKind.LEGAL_AID_CENTRE, "county", "330106", ("legal_aid",)),
    "town": (UnitKind.TOWNSHIP_STATION, "county", "330106008", ("legal_advice", "mediation")),
    "committee": (UnitKind.MEDIATION_COMMITTEE, "town", "330106008", ("mediation",)),
    "village": (UnitKind.VILLAGE_STUDIO, "town", "330106008003", ("legal_advice",)),
    "village2": (UnitKind.VILLAGE_STUDIO, "town", "330106008004", ("legal_advice",)),
    "other": (UnitKind.COUNTY_CENTRE, "city", "330109", ("legal_advice", "mediation")),
}
"""Code → kind, parent, area, services."""


def node(code: str, **fields: Any) -> Node:
    """One of the city's offices, as the tree knows it."""
    kind, parent, area, services = CITY[code]
    known = {"name": f"{code}机构", "kind": kind, "parent": parent, "area": area, "services": frozenset(services)}
    return Node(code=code, **{**known, **fields})


def values(**fields: Any) -> dict[str, Any]:
    """What is stored of an office."""
    known: dict[str, Any] = {
        "kind": "other",
        "name": "示例机构",
        "parent": None,
        "area": "3301",
        "area_name": "",
        "address": "",
        "telephone": "",
        "hours": None,
        "services": [],
        "services_note": "",
        "public": True,
    }
    return {**known, **fields}


def pen(hall: str = "h1", now: datetime = NOW) -> Pen:
    """Writes as the system."""
    return Pen(hall=hall, doer=SYSTEM, now=now)


async def unit(conn: AsyncConnection, code: str, hall: str = "h1", **fields: Any) -> Unit:
    """One of the city's offices, written; its parent must be there."""
    kind, parent, area, services = CITY.get(code, (UnitKind.OTHER, None, "3301", ()))
    known = {"kind": kind.value, "parent": parent, "area": area, "services": list(services), "name": f"{code}机构"}
    return await units.create(conn, pen(hall), code, values(**{**known, **fields}))


async def city(conn: AsyncConnection, hall: str = "h1") -> None:
    """All of the city's offices."""
    for code in CITY:
        await unit(conn, code, hall)


def week(text: str) -> dict[str, Any] | None:
    """Opening hours as they are stored."""
    return hours.to_plain(hours_text.read(text))


def file(sheets: Mapping[Thing, Sequence[Mapping[str, Any]]], headings: Sequence[str] | None = None) -> bytes:
    """A workbook; rows by title of the column. `headings`: other ones than ours."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for thing, rows in sheets.items():
        page = book.create_sheet(SHEETS[thing])
        titles = list(headings or [column.title for column in COLUMNS[thing]])
        page.append(titles)
        for row in rows:
            page.append([row.get(title) for title in titles])
    data = BytesIO()
    book.save(data)
    return data.getvalue()


def office(code: str, **fields: Any) -> dict[str, Any]:
    """A row of the sheet of offices."""
    return {"编码": code, "名称": f"{code}机构", "类别": "乡镇街道站", "区划代码": "330106008", **fields}
