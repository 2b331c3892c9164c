"""Signing in and off through the routes: cookies, throttling, forged requests, the life of a session."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import select, text

from hotline.api import deps
from hotline.people.passwords import Passwords
from hotline.people.permissions import Role, names
from hotline.people.sessions import MOST, hash_of
from hotline.store.tables import SESSIONS
from seats.seat import SeatState
from tests.api.site import PASSWORD, Site

FRESH = "lantern-orbit-72-moss"


def who(number: str = "1001", password: str = PASSWORD, hall: str = "h1") -> dict[str, str]:
    return {"hall": hall, "work_number": number, "password": password}


async def test_sign_in_says_who_one_is_and_keeps_only_a_hash(site: Site) -> None:
    site.seat(SeatState.READY)
    async with site.client() as client:
        answer = await client.post("/session", json=who("１００１"))  # a Chinese input method's digits
        assert answer.status_code == 200
        me = answer.json()
        assert (me["work_number"], me["role"], me["hall_label"], me["seat"]["number"]) == (
            "1001",
            "operator",
            "h1大厅",
            "01",
        )
        assert me["permissions"] == names(Role.OPERATOR)
        token = client.cookies[deps.COOKIE]
        header = answer.headers["set-cookie"]
        assert all(part in header for part in ("HttpOnly", "SameSite=strict", "Path=/"))
        assert "Secure" not in header
        assert (await client.get("/session")).json() == me
    async with site.engine.connect() as conn:
        kept = (await conn.execute(select(SESSIONS.c.token_hash))).scalars().all()
        everything = (await conn.execute(text("SELECT string_agg(sessions::text, '') FROM sessions"))).scalar_one()
    assert kept == [hash_of(token)]
    assert token not in everything
    assert [line["act"] for line in await site.audit()] == ["login"]


async def test_over_tls_the_cookie_is_bound_to_the_host(site: Site) -> None:
    async with site.client(base="https://12348.example", address="10.0.0.7") as client:
        header = (await client.post("/session", json=who())).headers["set-cookie"]
        assert header.startswith(f"{deps.SECURE_COOKIE}=")
        assert "Secure" in header
        assert "Domain" not in header
        assert (await client.get("/session")).status_code == 200


@pytest.mark.parametrize(("base", "address"), [("http://localhost", "10.0.0.7"), ("http://12348.example", "127.0.0.1")])
async def test_plain_http_is_for_this_machine_only(site: Site, base: str, address: str) -> None:
    async with site.client(base=base, address=address) as client:
        answer = await client.post("/session", json=who())
        assert (answer.status_code, answer.json()["code"]) == (403, "tls_required")


@pytest.mark.parametrize(
    "wrong",
    [
        who(password="something else"),
        who(number="9999"),
        who(hall="nowhere"),
        who(number="not a number"),
        who(hall="h2", password="x"),
    ],
)
async def test_every_refusal_looks_the_same(site: Site, wrong: dict[str, str]) -> None:
    async with site.client() as client:
        answer = await client.post("/session", json=wrong)
    assert answer.status_code == 401
    assert answer.json() == {
        "type": "urn:hotline:problem:sign_in_failed",
        "title": "工号或密码不正确。",
        "status": 401,
        "code": "sign_in_failed",
    }
    assert answer.headers["content-type"] == "application/problem+json"
    assert "set-cookie" not in answer.headers


async def test_a_work_number_that_does_not_exist_takes_as_long(site: Site) -> None:
    """Not the clock but the work is compared: both ways go through one hash of the same parameters."""
    counted: list[str] = []

    class Counting(Passwords):
        def _verify(self, password: str, stored: str) -> bool:
            counted.append(stored.rsplit("$", 2)[0])
            return super()._verify(password, stored)

    site.app.state.passwords = passwords = Counting(memory_kib=64, passes=1)
    async with site.client() as client:
        for number in ("1001", "9999", "letters"):
            await client.post("/session", json=who(number=number, password="wrong"))
    passwords.close()
    assert len(counted) == 3
    assert len(set(counted)) == 1


async def test_work_numbers_typed_wrong_are_not_written_down(site: Site) -> None:
    async with site.client() as client:
        await client.post("/session", json=who(number="my secret", password="1001"))
    async with site.engine.connect() as conn:
        written = (await conn.execute(text("SELECT (SELECT count(*) FROM account_tries)"))).scalar_one()
    assert written == 0
    assert await site.audit() == []


async def test_five_failures_then_a_quarter_of_an_hour(site: Site) -> None:
    async with site.client() as client, site.browser(Role.OPERATOR) as working:
        for _ in range(5):
            assert (await client.post("/session", json=who(password="wrong"))).status_code == 401
        refused = await client.post("/session", json=who())
        assert (refused.status_code, refused.json()["code"]) == (429, "too_many_tries")
        assert refused.headers["retry-after"] == "900"
        # Neither the colleague who works nor the same person elsewhere is locked out.
        assert (await working.get("/session")).status_code == 200
        async with site.client(address="127.0.0.9") as elsewhere:
            assert (await elsewhere.post("/session", json=who())).status_code == 200
        assert (await client.post("/session", json=who(number="2001"))).status_code == 200
        site.clock.forward(minutes=14, seconds=59)
        assert (await client.post("/session", json=who())).status_code == 429
        site.clock.forward(seconds=2)
        assert (await client.post("/session", json=who())).status_code == 200
    acts = [line["act"] for line in await site.audit()]
    assert acts.count("login_failed") == 5


async def test_many_guesses_at_once_do_not_get_past_the_count(site: Site) -> None:
    async with site.client() as client:
        answers = await asyncio.gather(*(client.post("/session", json=who(password=f"guess {n}")) for n in range(20)))
    assert sorted(answer.status_code for answer in answers) == [401] * 5 + [429] * 15


async def test_a_right_password_forgets_the_failures(site: Site) -> None:
    async with site.client() as client:
        for _ in range(3):
            for _ in range(4):
                assert (await client.post("/session", json=who(password="wrong"))).status_code == 401
            assert (await client.post("/session", json=who())).status_code == 200


async def test_one_address_cannot_try_every_account(site: Site) -> None:
    async with site.client() as client:
        codes = [(await client.post("/session", json=who(number=str(n), password="x"))).status_code for n in range(61)]
    assert codes[:60] == [401] * 60
    assert codes[60] == 429


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Console": ""},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://evil.example"},
        {"Origin": "http://localhost:9"},
        {"Origin": "https://localhost"},
        {"Origin": "null"},
    ],
)
async def test_requests_of_other_sites_change_nothing(site: Site, headers: dict[str, str]) -> None:
    async with site.browser(Role.OPERATOR) as client:
        answer = await client.request("DELETE", "/session", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "cross_site")
        assert (await client.get("/session", headers=headers)).status_code == 200


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"}, {"Sec-Fetch-Site": "none"}]
)
async def test_requests_of_our_own_page_pass(site: Site, headers: dict[str, str]) -> None:
    async with site.browser(Role.OPERATOR) as client:
        assert (await client.request("DELETE", "/session", headers=headers)).status_code == 204
        assert (await client.get("/session")).status_code == 401
    assert len(site.ended) == 1
    assert [line["act"] for line in await site.audit()] == ["logout"]


async def test_signing_in_again_takes_the_old_session_away(site: Site) -> None:
    async with site.client() as client:
        await client.post("/session", json=who())
        first = client.cookies[deps.COOKIE]
        await client.post("/session", json=who())
        second = client.cookies[deps.COOKIE]
    assert first != second
    assert await site.sessions.find(first, site.clock.now()) is None
    assert await site.sessions.find(second, site.clock.now()) is not None
    assert site.ended[0].sessions == (hash_of(first),)


async def test_the_oldest_of_too_many_sessions_gives_way(site: Site) -> None:
    tokens: list[str] = []
    for _ in range(MOST + 1):
        site.clock.forward(seconds=1)
        async with site.client() as client:
            await client.post("/session", json=who())
            tokens.append(client.cookies[deps.COOKIE])
    alive = [await site.sessions.find(token, site.clock.now()) is not None for token in tokens]
    assert alive == [False] + [True] * MOST


@pytest.mark.parametrize(
    "cookie", ["", "x", "ü" * 43, "a" * 43, "a" * 5000, "'; DROP TABLE sessions; --aaaaaaaaaaaaaaaaaaaa"]
)
async def test_invented_cookies_are_nobody(site: Site, cookie: str) -> None:
    async with site.client() as client:
        answer = await client.get("/session", headers=[(b"Cookie", f"{deps.COOKIE}={cookie}".encode())])
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")


async def test_an_initial_password_allows_nothing_but_its_change(site: Site) -> None:
    await site.must_change(Role.SUPERVISOR)
    async with site.browser(Role.SUPERVISOR) as client:
        assert (await client.get("/session")).json()["must_change_password"] is True
        assert (await client.get("/tickets")).json()["code"] == "must_change_password"
        assert (await client.post("/session/password", json={"old": PASSWORD, "new": FRESH})).status_code == 204
        assert (await client.get("/tickets")).status_code == 200


async def test_a_new_password_ends_the_other_sessions(site: Site) -> None:
    async with site.browser(Role.OPERATOR) as here, site.browser(Role.OPERATOR) as elsewhere:
        assert (await here.post("/session/password", json={"old": "wrong", "new": FRESH})).json()[
            "code"
        ] == "password_wrong"
        assert (await here.post("/session/password", json={"old": PASSWORD, "new": FRESH})).status_code == 204
        assert (await here.get("/session")).status_code == 200
        assert (await elsewhere.get("/session")).status_code == 401
    async with site.client() as client:
        assert (await client.post("/session", json=who())).status_code == 401
        assert (await client.post("/session", json=who(password=FRESH))).status_code == 200


@pytest.mark.parametrize(
    "weak", ["short", "1234567890123", "my-1001-password", "password123!", PASSWORD, "aaaaaaaaaaaa", "x" * 200]
)
async def test_weak_passwords_are_refused_with_reasons(site: Site, weak: str) -> None:
    async with site.browser(Role.OPERATOR) as client:
        answer = await client.post("/session/password", json={"old": PASSWORD, "new": weak})
    problem: dict[str, Any] = answer.json()
    assert (answer.status_code, problem["code"]) == (422, "password_too_weak")
    assert problem["errors"][0]["message"].endswith("。")
    assert weak not in answer.text


async def test_old_passwords_cannot_be_guessed_by_a_session(site: Site) -> None:
    async with site.browser(Role.OPERATOR) as client:
        codes = [
            (await client.post("/session/password", json={"old": f"guess {n}", "new": FRESH})).status_code
            for n in range(6)
        ]
    assert codes == [422] * 5 + [429]


async def test_the_real_hash_costs_what_it_should(site: Site) -> None:
    passwords = Passwords()
    began = time.perf_counter()
    stored = await passwords.hash(PASSWORD)
    assert "$argon2id$v=19$m=19456,t=2,p=1$" in stored
    assert time.perf_counter() - began > 0.002
    assert await passwords.verify(PASSWORD, stored)
    assert not await passwords.verify(PASSWORD, None)
    passwords.close()


async def test_a_failing_audit_fails_the_act(site: Site) -> None:
    async with site.engine.begin() as conn:
        await conn.execute(text("ALTER TABLE audit ADD CONSTRAINT closed CHECK (act <> 'login') NOT VALID"))
    async with site.client() as client:
        answer = await client.post("/session", json=who())
        assert answer.status_code == 500
        assert answer.json()["code"] == "internal"
        assert deps.COOKIE not in client.cookies
    async with site.engine.connect() as conn:
        assert (await conn.execute(select(SESSIONS))).all() == []


async def test_oversized_and_broken_bodies(site: Site) -> None:
    async with site.client() as client:
        json_header = {"Content-Type": "application/json"}
        large = await client.post("/session", content=b'{"hall":"' + b"x" * 300_000, headers=json_header)
        assert (large.status_code, large.json()["code"]) == (413, "too_large")

        async def pieces() -> AsyncIterator[bytes]:
            for _ in range(300):
                yield b'"' + b"x" * 1000

        endless = await client.post("/session", content=pieces(), headers=json_header)
        assert (endless.status_code, endless.json()["code"]) == (413, "too_large")
        broken = await client.post("/session", content=b'{"hall":', headers=json_header)
        assert (broken.status_code, broken.json()["code"]) == (400, "bad_json")
        untyped = await client.post("/session", content=b"hall=h1")
        assert untyped.status_code == 422
        missing = await client.post("/session", json={"hall": "h1", "secret": 1})
        assert {error["field"] for error in missing.json()["errors"]} == {"work_number", "password", "secret"}
        typed = await client.post("/session", json=who() | {"password": 12345678})
        assert "12345678" not in typed.text
        lonely = await client.post(
            "/session", content=b'{"hall":"h1","work_number":"1","password":"\\ud800"}', headers=json_header
        )
        assert lonely.status_code == 422


async def test_unknown_paths_and_methods_are_problems_too(site: Site) -> None:
    async with site.client() as client:
        assert (await client.get("/nothing")).json()["code"] == "not_found"
        assert (await client.get("/session/password")).json()["code"] == "method_not_allowed"
