"""What platforms (网络平台) may ask for, and what is refused, over the real routes."""

from __future__ import annotations

import asyncio

import msgspec
import pytest
from sqlalchemy import func, select

from adapters.bridges.signing import Doorkeeper, key_of
from hotline.hall.writer import NotLeading
from hotline.people.permissions import Role
from hotline.store.tables import NETWORK_REQUESTS, RATINGS, TICKETS
from hotline.tickets.matter import Matter
from tests.api.site import NETWORK_SECRET, Site
from tests.network.kit import FILING, PlatformSide, answer_at_desk, answer_at_unit


@pytest.fixture
def wechat(site: Site) -> PlatformSide:
    """A platform of the first hall."""
    return PlatformSide(site)


def allow(site: Site, **changed: object) -> None:
    """Other limits for the platform."""
    there = dict(site.app.state.network.platforms)
    there["wechat"] = msgspec.structs.replace(there["wechat"], **changed)
    site.app.state.network = msgspec.structs.replace(site.app.state.network, platforms=there)


async def tickets(site: Site) -> int:
    async with site.engine.connect() as conn:
        return await conn.scalar(select(func.count()).select_from(TICKETS)) or 0


async def test_it_becomes_a_ticket_like_any_other(site: Site, wechat: PlatformSide) -> None:
    number = await wechat.filed()
    async with site.browser(Role.SUPERVISOR) as hall:
        (line,) = (await hall.get("/handling", params={"view": "to_dispatch"})).json()["items"]
        assert (line["number"], line["channel"]) == (number, "network")
        ticket = (await hall.get(f"/tickets/{number}")).json()
        assert (ticket["their_id"], ticket["contact"], ticket["caller_name"]) == ("fw-1", "139****9000", "王女士")
        assert (ticket["matter"], ticket["operator"]) == ("legal_advice", None)
        assert ticket["due_at"] == line["due_at"] is not None
        found = await hall.get("/tickets", params={"number": "13900139000"})
        assert [item["number"] for item in found.json()["items"]] == [number]
        (step,) = (await hall.get(f"/handling/tickets/{number}")).json()["steps"]
        assert (step["step"], step["data"]["platform"]) == ("network_filed", "微信公众号")
    (line,) = await site.audit()
    assert (line["act"], line["account"], line["object"]) == ("network_filed", "network:wechat", number)
    async with site.engine.connect() as conn:
        row = (await conn.execute(select(TICKETS).where(TICKETS.c.number == number))).one()
        assert b"13900139000" not in bytes(row.contact_sealed)


async def test_at_once_or_again_it_is_filed_once(site: Site, wechat: PlatformSide) -> None:
    answers = await asyncio.gather(*(wechat.file() for _ in range(5)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    first = next(answer.json() for answer in answers if answer.status_code == 201)
    site.clock.forward(days=3)
    assert (await wechat.file()).json() == first
    assert await tickets(site) == 1
    for other in ({"facts": "另一件事。"}, {"citizen": {"phone": "13900139001"}}):
        refused = await wechat.file(**other)
        assert (refused.status_code, refused.json()["code"]) == (422, "network_id_used")
    assert await PlatformSide(site, "other").filed() != first["number"]


@pytest.mark.parametrize(
    "headers",
    [
        {"x-platform": "nobody"},
        {"webhook-signature": "v1,AAAA"},
        {"webhook-timestamp": "1"},
        {"webhook-id": "msg-2"},
        {"webhook-signature": ""},
    ],
)
async def test_who_did_not_sign_this_very_request(site: Site, wechat: PlatformSide, headers: dict[str, str]) -> None:
    refused = await wechat.send("POST", "/filings", FILING, **headers)
    assert (refused.status_code, refused.json()["code"]) == (401, "bad_signature")
    assert await tickets(site) == 0


async def test_a_signature_opens_nothing_else(site: Site, wechat: PlatformSide) -> None:
    number = await wechat.filed()
    taken: dict[str, str] = {}
    body = {"id": "fw-2", "reason": "已和解。", "text": "已和解。"}
    answer = await wechat.send("POST", f"/filings/{number}/supplements", body)
    assert answer.status_code == 422  # a field too many: signed all the same
    taken = {name: answer.request.headers[name] for name in ("webhook-signature", "webhook-timestamp", "webhook-id")}
    refused = await wechat.send("POST", f"/filings/{number}/withdrawal", body, **taken)
    assert refused.json()["code"] == "bad_signature"
    late = await wechat.send("GET", f"/filings/{number}")
    site.clock.forward(minutes=6)
    stale = {name: late.request.headers[name] for name in taken}
    assert (await wechat.send("GET", f"/filings/{number}", **stale)).json()["code"] == "bad_signature"


async def test_both_secrets_while_changing_over(site: Site) -> None:
    newer = "whsec_" + "QUFB" * 8
    keys = tuple(key_of(each, "test") for each in (newer, NETWORK_SECRET))
    allow(site, door=Doorkeeper(keys=keys))
    for number, secret in enumerate((newer, NETWORK_SECRET)):
        assert (await PlatformSide(site, secret=secret).file(id=f"fw-{number}")).status_code == 201


async def test_another_platforms_matter_is_not_there(site: Site, wechat: PlatformSide) -> None:
    number = await wechat.filed()
    other = PlatformSide(site, "other")
    for method, path, body in (
        ("GET", f"/filings/{number}", None),
        ("POST", f"/filings/{number}/supplements", {"id": "x-1", "text": "补充。"}),
        ("POST", f"/filings/{number}/withdrawal", {"id": "x-2", "reason": "撤回。"}),
    ):
        refused = await other.send(method, path, body)
        assert (refused.status_code, refused.json()["code"]) == (404, "not_found")


async def test_limits(site: Site, wechat: PlatformSide) -> None:
    allow(site, per_citizen_day=2)
    answers = await asyncio.gather(*(wechat.file(id=f"fw-{n}") for n in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 201, 429, 429]
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert (refused.json()["code"], refused.headers["retry-after"]) == ("network_citizen_full", "3600")
    allow(site, per_day=2)
    full = await wechat.file(id="fw-9", citizen={"phone": "13900139001"})
    assert full.json()["code"] == "network_day_full"
    site.clock.forward(hours=15)  # tomorrow in Shanghai
    assert (await wechat.file(id="fw-9")).status_code == 201
    allow(site, per_minute=1)
    assert [(await wechat.file(id="fw-9")).status_code for _ in range(2)] == [201, 429]


async def test_what_is_missing_is_said_field_by_field(site: Site, wechat: PlatformSide) -> None:
    wish = {"kind": "application", "matter": "complaint", "citizen": {"phone": "匿名"}}
    refused = await wechat.file(**wish)
    assert (refused.status_code, refused.json()["code"]) == (422, "ticket_incomplete")
    assert {error["field"] for error in refused.json()["errors"]} == {
        "citizen.phone",
        "citizen.name",
        "claim",
        "matter",
    }
    unknown = await wechat.file(category="no.such")
    assert unknown.json()["errors"] == [{"field": "category", "message": "没有这个咨询类别。"}]
    allow(site, matters=frozenset({Matter.LEGAL_AID}))
    assert (await wechat.file()).json()["code"] == "network_matter"
    assert await tickets(site) == 0


async def test_nothing_is_half_done_while_the_hall_is_away(site: Site, wechat: PlatformSide) -> None:
    async def away() -> None:
        raise NotLeading

    site.halls["h1"].answer = away
    asked = await wechat.file()
    site.halls["h1"].answer = None
    site.halls["h1"].leading = False
    refused = await wechat.file()
    for answer in (asked, refused):
        assert (answer.status_code, answer.json()["code"]) == (503, "hall_away")
        assert "retry-after" in answer.headers
    async with site.engine.connect() as conn:
        assert await conn.scalar(select(func.count()).select_from(NETWORK_REQUESTS)) == 0
    assert await tickets(site) == 0
    site.halls["h1"].leading = True
    assert (await wechat.file()).status_code == 201


async def test_from_the_unit_back_to_the_citizen(site: Site, wechat: PlatformSide) -> None:
    number = await wechat.filed()
    before = await wechat.progress(number)
    assert (before["state"], before["may"]) == ("received", ["supplement", "withdraw"])
    early = await wechat.send("POST", f"/filings/{number}/rating", {"id": "fw-2", "skill": 5})
    assert (early.status_code, early.json()["code"]) == (409, "network_not_over")
    added = {"id": "fw-3", "text": "补充：工资条已找到。"}
    for _ in range(2):
        assert (await wechat.send("POST", f"/filings/{number}/supplements", added)).json() == {"number": number}
    await answer_at_unit(site, number)
    after = await wechat.progress(number)
    assert (after["state"], after["result"], after["unit"]) == (
        "answered",
        "公司已补发工资。",
        "城东县公共法律服务中心",
    )
    assert (after["due_at"], after["may"]) == (None, ["rate"])
    async with site.browser(Role.SUPERVISOR) as hall:
        steps = (await hall.get(f"/handling/tickets/{number}")).json()["steps"]
        assert [step["text"] for step in steps if step["step"] == "supplement"] == ["补充：工资条已找到。"]
    late = await wechat.send("POST", f"/filings/{number}/supplements", {"id": "fw-4", "text": "再补充。"})
    assert late.json()["code"] == "network_over"


async def test_a_dissatisfied_citizen_is_followed_up_like_a_caller(site: Site, wechat: PlatformSide) -> None:
    number = await wechat.filed()
    await answer_at_desk(site, number)
    assert (await wechat.progress(number))["result"] == "可以申请劳动仲裁。"
    empty = await wechat.send("POST", f"/filings/{number}/rating", {"id": "fw-2"})
    assert empty.json()["code"] == "invalid_input"
    given = {"id": "fw-2", "attitude": 2, "comment": "没有说清楚。"}
    for _ in range(2):
        assert (await wechat.send("POST", f"/filings/{number}/rating", given)).status_code == 200
    again = await wechat.send("POST", f"/filings/{number}/rating", {**given, "id": "fw-3"})
    assert (again.status_code, again.json()["code"]) == (409, "rating_given")
    assert (await wechat.progress(number))["may"] == []
    async with site.engine.begin() as conn:  # somebody else answered: of one's own ratings nobody sees anything
        await conn.execute(RATINGS.update().values(operator=site.people["h1", Role.OPERATOR].id))
    async with site.browser(Role.SUPERVISOR) as hall:
        (line,) = (await hall.get("/ratings", params={"way": "network"})).json()["items"]
        assert (line["ticket"], line["call"], line["caller"]) == (number, None, "139****9000")
        assert (line["to_follow_up"], line["scores"]["attitude"]) == (True, 2)
        assert (await hall.get(f"/ratings/{line['id']}")).json()["comment"] == "没有说清楚。"
        done = await hall.post(f"/ratings/{line['id']}/follow-up", json={"note": "已电话解释清楚。"})
        assert done.json()["note"] == "已电话解释清楚。"


async def test_who_withdraws_ends_it_unless_somebody_may_be_in_danger(site: Site, wechat: PlatformSide) -> None:
    plain, minor = await wechat.filed(), await wechat.filed(id="fw-2", minor_involved=True)
    why = {"reason": "已与公司和解。"}
    ended = await wechat.send("POST", f"/filings/{plain}/withdrawal", {"id": "w-1", **why})
    assert ended.json() == {"withdrawn": True}
    assert (await wechat.progress(plain))["state"] == "ended"
    asked = await wechat.send("POST", f"/filings/{minor}/withdrawal", {"id": "w-2", **why})
    assert asked.json() == {"withdrawn": False}
    assert (await wechat.progress(minor))["state"] == "received"
    pending = await wechat.send("POST", f"/filings/{minor}/withdrawal", {"id": "w-3", **why})
    assert pending.json()["code"] == "request_pending"
    async with site.browser(Role.SUPERVISOR) as hall:
        (request,) = (await hall.get("/handling/requests")).json()
        assert (await hall.post(f"/handling/requests/{request['id']}/decide", json={"granted": True})).is_success
    assert (await wechat.progress(minor))["reason"] == "当事人撤回：已与公司和解。"


async def test_what_was_merged_goes_on_with_the_other(site: Site, wechat: PlatformSide) -> None:
    main, repeat = await wechat.filed(), await wechat.filed(id="fw-2")
    async with site.browser(Role.SUPERVISOR) as hall:
        version = (await hall.get(f"/tickets/{repeat}")).json()["version"]
        headers = {"If-Match": f'"{version}"'}
        assert (await hall.post(f"/tickets/{repeat}/merge", json={"into": main}, headers=headers)).is_success
    await answer_at_unit(site, main)
    told = await wechat.progress(repeat)
    assert (told["state"], told["merged_into"], told["result"]) == ("answered", main, "公司已补发工资。")


async def test_the_list_of_services(site: Site, wechat: PlatformSide) -> None:
    found = (await wechat.send("GET", "/services")).json()
    kinds = {each["matter"]: each["kinds"] for each in found["matters"]}
    assert kinds["legal_aid"] == ["consultation", "application"]
    assert kinds["complaint"] == ["consultation"]
    assert len(found["categories"]) > 10
    assert {each["name"] for each in found["offices"]} == {"城东县公共法律服务中心", "城西县公共法律服务中心"}
