"""Handing over, seen from outside: what goes, on which basis, and what the other side pushes back."""

from __future__ import annotations

import pytest

from adapters.bridge import Batch, Missing, News, NewsKind, NotAdmitted, SetAside
from hotline.api import bridge_callbacks
from hotline.people.permissions import Role
from tests.api.site import Site
from tests.handling.making import on_the_way

WISH = {"bridge": "h1-city", "legal_basis": "consent", "consent": True, "reason": "属于政务服务事项"}


async def test_a_matter_goes_and_it_is_on_record(site: Site) -> None:
    number = await on_the_way(site, "h1", Role.OPERATOR, "open")
    path = f"/tickets/{number}/handovers"
    async with site.browser(Role.OPERATOR) as client:
        made = await client.post(path, json=WISH, headers={"Idempotency-Key": "k-1"})
        assert (made.status_code, made.json()["state"]) == (201, "prepared")
        again = await client.post(path, json=WISH, headers={"Idempotency-Key": "k-1"})
        assert again.json()["id"] == made.json()["id"]
        twice = await client.post(path, json=WISH)
        assert (twice.status_code, twice.json()["code"]) == (409, "handover_open")
        assert await site.app.state.couriers["h1-city"].round() == 1
        (row,) = (await client.get(path)).json()
        assert (row["state"], row["their_no"]) == ("acknowledged", "12345-0")
        (bridge,) = (await client.get("/bridges")).json()
        assert (bridge["name"], bridge["waiting"]) == ("h1-city", 0)
    line = (await site.audit())[-1]
    assert (line["act"], line["object"], line["reason"]) == ("handed_over", number, "属于政务服务事项")


async def test_it_is_ours_until_they_have_taken_it(site: Site) -> None:
    number = await on_the_way(site, "h1", Role.OPERATOR, "open", opinion="已说明由12345办理。")
    path = f"/tickets/{number}"
    async with site.browser(Role.OPERATOR) as client, site.browser(Role.SUPERVISOR) as over:

        async def close() -> tuple[int, str]:
            tag = {"If-Match": (await client.get(path)).headers["ETag"]}
            told = await client.post(f"{path}/close", json={}, headers=tag)
            return told.status_code, told.json().get("code") or told.json()["state"]

        made = (await client.post(f"{path}/handovers", json=WISH)).json()["id"]
        assert await close() == (409, "handover_undecided")
        tag = {"If-Match": (await client.get(path)).headers["ETag"]}
        said = {"reason": "不属受理范围", "channel": "信访"}
        refused = await over.post(f"{path}/not-accept", json=said, headers=tag)
        assert (refused.status_code, refused.json()["code"]) == (409, "handover_undecided")
        await site.app.state.couriers["h1-city"].round()
        assert await close() == (409, "handover_undecided")
        told = f"/handovers/{made}/told"
        assert (await over.post(told, json={"kind": "accepted", "text": "电话告知已受理"})).status_code == 200
        assert await close() == (200, "closed")
        late = await client.post(f"{path}/handovers", json=WISH)
        assert (late.status_code, late.json()["code"]) == (409, "ticket_closed")
        assert (await over.get("/handovers/counts")).json()["returned"] == 0
        await over.post(told, json={"kind": "returned", "text": "查无此事"})
        # The ticket had ended; somebody has to see that it came back.
        assert (await over.get("/handovers/counts")).json()["returned"] == 1
        tag = {"If-Match": (await client.get(path)).headers["ETag"]}
        assert (await over.post(f"{path}/reopen", json={"reason": "对方退回"}, headers=tag)).status_code == 200
        assert (await over.get("/handovers/counts")).json()["returned"] == 1


async def test_not_over_another_halls_bridge(site: Site) -> None:
    number = await on_the_way(site, "h1", Role.OPERATOR, "open")
    async with site.browser(Role.OPERATOR) as client:
        for bridge in ("h2-city", "nowhere"):
            refused = await client.post(f"/tickets/{number}/handovers", json={**WISH, "bridge": bridge})
            assert (refused.status_code, refused.json()["code"]) == (404, "no_such_bridge")


async def test_what_is_missing_is_said_before_and_then(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    number = await on_the_way(site, "h1", Role.OPERATOR, "open")
    other = site.app.state.couriers["h1-city"].bridge
    monkeypatch.setattr(other, "check", lambda package: [Missing("area_code", "请填写行政区划代码。")])
    async with site.browser(Role.OPERATOR) as client:
        checked = await client.post(f"/tickets/{number}/handovers/check", json=WISH)
        assert checked.json()["missing"] == [{"field": "area_code", "why": "请填写行政区划代码。"}]
        refused = await client.post(f"/tickets/{number}/handovers", json=WISH)
        assert (refused.status_code, refused.json()["errors"]) == (
            422,
            [{"field": "area_code", "message": "请填写行政区划代码。"}],
        )
        unasked = await client.post(f"/tickets/{number}/handovers", json={**WISH, "consent": False})
        assert unasked.json()["code"] == "handover_basis"


async def test_what_goes_along_is_told_before_with_the_number_masked(site: Site) -> None:
    number = await on_the_way(site, "h1", Role.OPERATOR, "open", region="城东区")
    path = f"/tickets/{number}/handovers/check"
    async with site.browser(Role.OPERATOR) as client:
        told = {one["field"]: one["text"] for one in (await client.post(path, json=WISH)).json()["along"]}
        kept = (await client.post(path, json={**WISH, "name_too": False})).json()["along"]
        assert (await client.get(f"/tickets/{number}/handovers")).json() == []
    assert (told["facts"], told["area"]) == ("拖欠工资。", "城东区")
    assert "****" in told["caller_number"]
    assert "caller_number" not in {one["field"] for one in kept}


async def test_what_needs_a_person_is_counted_in_the_own_hall(site: Site) -> None:
    number = await on_the_way(site, "h1", Role.OPERATOR, "open")
    async with site.browser(Role.OPERATOR) as client:
        await client.post(f"/tickets/{number}/handovers", json=WISH)
    other = site.app.state.couriers["h1-city"].bridge
    other.faults = ["ack lost"]
    await site.app.state.couriers["h1-city"].round()
    async with site.browser(Role.SUPERVISOR) as client:
        counts = (await client.get("/handovers/counts")).json()
        (row,) = (await client.get("/handovers")).json()["items"]
    assert (counts["in_doubt"], row["state"], row["ticket"]) == (1, "in_doubt", number)
    async with site.browser(Role.SUPERVISOR, hall="h2") as client:
        assert (await client.get("/handovers/counts")).json()["in_doubt"] == 0


async def test_news_are_pushed_once(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    number = await on_the_way(site, "h1", Role.OPERATOR, "open")
    async with site.browser(Role.OPERATOR) as client:
        await client.post(f"/tickets/{number}/handovers", json=WISH)
    other = site.app.state.couriers["h1-city"].bridge
    site.app.state.bridges = {"h1-city": (other, "h1")}
    site.app.router.routes[:0] = bridge_callbacks.ROUTES
    now = site.clock.now()

    def read(headers: dict[str, str], body: bytes, at: object) -> Batch:
        if body not in (b"signed", b"signed, with something odd"):
            raise NotAdmitted("signature")
        news = News(id="n1", kind=NewsKind.ACCEPTED, local_no=number, their_no="A-1", at=now, heard_at=now)
        odd = (SetAside(id="x", reason="消息类型“?”不在映射文件的 [news.kinds] 中"),) if body != b"signed" else ()
        return Batch(news=(news,), set_aside=odd)

    monkeypatch.setattr(other, "read_callback", read)
    async with site.client() as client:
        assert (await client.post("/bridges/nowhere/callback", content=b"signed")).status_code == 404
        assert (await client.post("/bridges/h1-city/callback", content=b"forged")).status_code == 401
        # What we cannot use is not kept here, so they must not believe that it was; the rest of it is.
        odd = await client.post("/bridges/h1-city/callback", content=b"signed, with something odd")
        assert (odd.status_code, "[news.kinds]" in odd.json()["detail"]) == (400, True)
        for _ in range(2):
            assert (await client.post("/bridges/h1-city/callback", content=b"signed")).status_code == 200
    async with site.browser(Role.SUPERVISOR) as client:
        (row,) = (await client.get("/handovers", params={"view": "theirs"})).json()["items"]
        assert (row["state"], row["their_no"]) == ("accepted", "A-1")
        events = (await client.get(f"/handovers/{row['id']}")).json()["events"]
        assert [event["what"] for event in events] == ["prepared", "accept"]
        course = (await client.get(f"/handling/tickets/{number}")).json()
        assert course["steps"][-1]["step"] == "handover_accepted"
