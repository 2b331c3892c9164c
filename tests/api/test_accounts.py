"""Accounts through the routes: born with a random password, changed, disabled, and what that ends."""

from __future__ import annotations

import pytest

from hotline.hall.inputs import ForceState
from hotline.people.permissions import Role
from seats.seat import SeatState
from tests.api.site import Site

NEW = {"work_number": "1007", "name": "李律师", "role": "operator", "groups": ["civil", "民事"]}


async def test_a_new_account_must_change_its_random_password(site: Site) -> None:
    async with site.browser(Role.ADMINISTRATOR) as client, site.client() as fresh:
        answer = await client.post("/accounts", json=NEW)
        assert answer.status_code == 201
        assert answer.headers["cache-control"] == "no-store"
        born = answer.json()
        assert (born["account"]["groups"], born["account"]["must_change_password"]) == (["civil", "民事"], True)
        signed = await fresh.post(
            "/session", json={"hall": "h1", "work_number": "1007", "password": born["initial_password"]}
        )
        assert signed.json()["must_change_password"] is True
        assert (await fresh.get("/calls")).json()["code"] == "must_change_password"
        assert (await client.post("/accounts", json=NEW)).json()["code"] == "work_number_taken"
        listed = (await client.get("/accounts")).json()["items"]
        assert [item["work_number"] for item in listed] == ["1001", "1007", "2001", "3001", "4001", "5001"]
        assert "password" not in str(listed).replace("must_change_password", "")
    line = (await site.audit())[0]
    assert (line["act"], line["work_number"], line["data"]["role"]) == ("account_created", "3001", "operator")
    assert born["initial_password"] not in str(await site.audit())


async def test_the_same_work_number_in_another_hall_is_another_person(site: Site) -> None:
    async with site.browser(Role.ADMINISTRATOR, "h2") as client:
        assert (await client.post("/accounts", json=NEW)).status_code == 201
    async with site.browser(Role.ADMINISTRATOR, "h1") as client:
        assert (await client.post("/accounts", json=NEW)).status_code == 201


@pytest.mark.parametrize(
    "wrong",
    [
        {"work_number": "10a7"},
        {"work_number": ""},
        {"work_number": "1" * 13},
        {"name": ""},
        {"name": "长" * 41},
        {"name": "a\x00b"},
        {"name": "\u202e"},
        {"role": "root"},
        {"groups": ["a b"]},
        {"groups": [""]},
        {"groups": [f"g{n}" for n in range(21)]},
        {"password": "chosen by the administrator"},
    ],
)
async def test_what_an_account_may_not_be(site: Site, wrong: dict[str, object]) -> None:
    async with site.browser(Role.ADMINISTRATOR) as client:
        answer = await client.post("/accounts", json=NEW | wrong)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")


async def test_a_disabled_account_is_out_at_once(site: Site) -> None:
    account = site.people["h1", Role.OPERATOR].id
    site.seat(SeatState.READY)
    async with site.browser(Role.ADMINISTRATOR) as client, site.browser(Role.OPERATOR) as operator:
        changed = await client.patch(f"/accounts/{account}", json={"disabled": True})
        assert changed.json()["disabled"] is True
        assert (await operator.get("/session")).status_code == 401
        assert [ended.account for ended in site.ended] == [account]
        ((command, actor),) = site.halls["h1"].asked
        assert isinstance(command, ForceState)
        assert (command.state, actor.work_number) == (SeatState.SIGNED_OFF, "3001")
        again = await client.patch(f"/accounts/{account}", json={"disabled": False})
        assert again.json()["disabled"] is False
        assert (await operator.get("/session")).status_code == 401, "what was ended stays ended"
    async with site.browser(Role.OPERATOR) as operator:
        assert (await operator.get("/session")).status_code == 200


async def test_a_new_name_ends_nothing(site: Site) -> None:
    account = site.people["h1", Role.OPERATOR].id
    async with site.browser(Role.ADMINISTRATOR) as client, site.browser(Role.OPERATOR) as operator:
        assert (
            await client.patch(f"/accounts/{account}", json={"name": "王律师", "groups": ["all"]})
        ).status_code == 200
        assert (await operator.get("/session")).json()["name"] == "王律师"
        assert (await client.patch(f"/accounts/{account}", json={})).json()["name"] == "王律师"
    assert [line["data"] for line in await site.audit()] == [{"fields": "groups,name"}]


async def test_a_reset_password_ends_the_sessions(site: Site) -> None:
    account = site.people["h1", Role.SUPERVISOR].id
    async with site.browser(Role.ADMINISTRATOR) as client, site.browser(Role.SUPERVISOR) as supervisor:
        password = (await client.post(f"/accounts/{account}/reset-password")).json()["initial_password"]
        assert (await supervisor.get("/session")).status_code == 401
        body = {"hall": "h1", "work_number": "2001", "password": password}
        assert (await supervisor.post("/session", json=body)).json()["must_change_password"] is True


@pytest.mark.parametrize("change", [{"disabled": True}, {"role": "operator"}])
async def test_the_last_administrator_stays(site: Site, change: dict[str, object]) -> None:
    account = site.people["h1", Role.ADMINISTRATOR].id
    async with site.browser(Role.ADMINISTRATOR) as client:
        assert (await client.patch(f"/accounts/{account}", json=change)).json()["code"] == "last_administrator"
        second = await client.post("/accounts", json=NEW | {"role": "administrator"})
        assert second.status_code == 201
        assert (await client.patch(f"/accounts/{account}", json=change)).status_code == 200


async def test_a_disabled_account_cannot_sign_in(site: Site) -> None:
    account = site.people["h1", Role.OPERATOR].id
    async with site.browser(Role.ADMINISTRATOR) as client, site.client() as fresh:
        await client.patch(f"/accounts/{account}", json={"disabled": True})
        body = {"hall": "h1", "work_number": "1001", "password": "kraken-velvet-19-oak"}
        assert (await fresh.post("/session", json=body)).json()["code"] == "sign_in_failed"
