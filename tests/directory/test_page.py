"""The words and the shape of the public page."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from hotline.directory import hours_text, page
from hotline.directory.hours import OpenState, Standing, standing
from hotline.directory.kinds import UnitKind
from hotline.directory.page import Asked, Shown, stands
from hotline.directory.unit import Unit
from hotline.rosters.calendar import SHANGHAI, Calendar
from tests.directory.making import NOW, OFFICE_HOURS

CALENDAR = Calendar()
NASTY = "\"><script>alert('x')</script>&"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("hours", "now", "said"),
    [
        (OFFICE_HOURS, "2026-11-23T10:00", "现在开放（至 12:00）"),
        (OFFICE_HOURS, "2026-11-23T13:00", "已关闭（今天 14:00 开放）"),
        (OFFICE_HOURS, "2026-11-23T20:00", "已关闭（明天 09:00 开放）"),
        (OFFICE_HOURS, "2026-11-27T20:00", "已关闭（明天可预约）"),
        (OFFICE_HOURS, "2026-11-28T10:00", "需预约"),
        ("工作日 9:00-12:00", "2026-11-27T20:00", "已关闭（周一 09:00 开放）"),
        ("工作日 9:00-12:00", "2026-10-01T10:00", "已关闭（10月8日 09:00 开放）"),
        ("每天 18:00-24:00", "2026-11-23T20:00", "现在开放（至 24:00）"),
        ("每天 全天；节假日 全天", "2026-11-23T20:00", "现在开放"),
        ("每天 休息", "2026-11-23T20:00", "已关闭"),
        ("", "2026-11-23T20:00", "时间请电话询问"),
    ],
)
def test_what_is_said_of_now(hours: str, now: str, said: str) -> None:
    assert stands(standing(hours_text.read(hours), at(now), CALENDAR.kind), at(now)) == said


def shown(**fields: str) -> Shown:
    known = {name: fields.get(name, "") for name in ("name", "area_name", "address", "telephone", "services_note")}
    unit = Unit(
        code="A",
        kind=UnitKind.NOTARY_OFFICE,
        parent=None,
        area="3301",
        hours=None,
        services=("notary", "one_of_tomorrow"),
        public=True,
        valid_from=NOW,
        valid_to=None,
        version=1,
        **known,
    )
    return Shown(unit=unit, standing=Standing(state=OpenState.UNKNOWN), people=[fields.get("people", "")])


def test_everything_is_escaped() -> None:
    nasty = dict.fromkeys(("name", "area_name", "address", "telephone", "services_note", "people"), NASTY)
    asked = Asked(hall=NASTY, area=NASTY, text=NASTY)
    for html in (
        page.kiosk(NASTY, asked, [shown(**nasty)], {NASTY: NASTY}, NOW, NASTY),
        page.screen(NASTY, [shown(**nasty)], NOW),
        page.notice(NASTY, NASTY, NOW),
    ):
        assert "<script" not in html
        assert "'x'" not in html


def test_it_is_one_page_that_asks_nobody_else() -> None:
    html = page.kiosk(
        "示范市", Asked(hall="h1", service="notary"), [shown(name="公证处")], {"3301": "杭州"}, NOW, "next"
    )
    assert all(word not in html for word in ("http:", "https:", "src=", "<link", "<script", "one_of_tomorrow"))
    assert '<option value="notary" selected>公证</option>' in html
    assert 'href="/public/directory?hall=h1&amp;service=notary&amp;cursor=next"' in html
    assert "11月23日 周一 10:00" in html
    assert "<form" not in page.screen("示范市", [shown(name="公证处")], NOW + timedelta(hours=1))
