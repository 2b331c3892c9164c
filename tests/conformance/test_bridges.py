"""Every bridge × every fault of the receiver: one effect where it deduplicates, in doubt where nobody can know."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook

from adapters import bridge_registry
from adapters.bridge import Bridge, BridgeAbility, InDoubt, Missing, News, NewsKind, NotNow
from adapters.bridges.peer_page import SHANGHAI
from adapters.bridges.peer_scenario import TAKEN, Fault
from adapters.bridges.signing import Reason
from adapters.errors import Misconfigured, NotAdmitted, Refused, Undecodable, Unsupported
from adapters.handover_package import KEY_CHARS, Consent, LegalBasis
from tests.adapters.bridges.stage import NOW, OLD_SECRET, SECRET, build, package, stage

EVERY = [
    *((kind, way) for kind in ("line12345", "line110", "province") for way in ("http", "folder", "table")),
    ("folder", "folder"),
    ("table", "table"),
]
SOON = {"answer_seconds": 0.5}
"""A receiver that is slow for much longer is given up; whoever asks afterwards is patient again."""

RAISED: dict[Fault, type[Exception]] = {
    Fault.REFUSE: Refused,
    Fault.BUSY: NotNow,
    Fault.LOSE_ACK: InDoubt,
    Fault.LOSE_BEFORE: InDoubt,
    Fault.RUBBISH: InDoubt,
    Fault.RUBBISH_BEFORE: InDoubt,
    Fault.ERROR: InDoubt,
    Fault.NO_NUMBER: InDoubt,
    Fault.WRONG_CASE: InDoubt,
    Fault.SLOW: InDoubt,
    Fault.LATE: InDoubt,
    Fault.UNAUTHORISED: Misconfigured,
    Fault.REDIRECT: Misconfigured,
    Fault.HUGE: InDoubt,
}
"""What the sender can know, by HTTP."""


def callback(body: bytes, secret: str = SECRET, *, at: Any = NOW, message: str = "m1") -> dict[str, str]:
    """Headers as the standard's own library signs them."""
    return {
        "webhook-id": message,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(message, at, body.decode()),
    }


def told(**changes: Any) -> bytes:
    """A callback with one piece of news."""
    item = {
        "id": "n-1",
        "type": "accepted",
        "key": "H1-20261123-000001.1",
        "case_no": "C-1",
        "at": "2026-11-23T10:00:00+08:00",
    }
    return json.dumps({"items": [item | changes]}, ensure_ascii=False).encode()


def test_every_kind_is_found() -> None:
    kinds = {plugin.kind for plugin in bridge_registry.plugins()}
    assert kinds == {"line12345", "line110", "province", "generic", "folder", "table", "paper"}


@pytest.mark.parametrize(("kind", "way"), EVERY)
async def test_sent_twice_is_one_effect_and_acknowledged(kind: str, way: str, tmp_path: Path) -> None:
    async with stage(way, tmp_path, kind=kind) as at:
        first = await at.bridge.send(package())
        await at.look()
        again = await at.bridge.send(package())
        await at.look()
        assert at.effects(package().key) == 1
        assert not first.repeated
        assert again.repeated
        assert bool(first.their_no) == (way == "http")
        assert (first.digest and again.digest) != ""


@pytest.mark.parametrize(("kind", "way"), EVERY)
async def test_abilities_are_what_the_methods_do(kind: str, way: str, tmp_path: Path) -> None:
    async with stage(way, tmp_path, kind=kind, more={"dials": "12345"}) as at:
        can = at.bridge.abilities
        assert BridgeAbility.CARRIES_CALL in can
        assert BridgeAbility.CARRIES_FILE in can
        assert BridgeAbility.CALLS_BACK in can
        assert (BridgeAbility.CARRIES_FIGURES in can) == (kind == "province" and way != "table")
        assert (BridgeAbility.POLLED in can) == (way != "http")
        assert (BridgeAbility.CAN_ASK in can) == (way != "folder")
        assert BridgeAbility.LISTS in can
        if BridgeAbility.POLLED in can:
            assert (await at.bridge.news()).news == ()
        else:
            with pytest.raises(Unsupported):
                await at.bridge.news()
        if BridgeAbility.CAN_ASK in can:
            assert await at.bridge.ask("nobody-has-this") is None
        else:
            with pytest.raises(Unsupported):
                await at.bridge.ask("nobody-has-this")


@pytest.mark.parametrize("fault", Fault)
@pytest.mark.parametrize("kind", ["line12345", "line110", "province"])
async def test_http_fault_then_once_more(kind: str, fault: Fault, tmp_path: Path) -> None:
    """The first answer goes wrong; the second attempt settles it, with one case at the receiver."""
    async with stage("http", tmp_path, kind=kind, more=_hasty(fault), at={"1": fault}, slow_seconds=60) as at:
        raised = RAISED[fault]
        with pytest.raises(raised) as caught:
            await at.bridge.send(package())
        assert type(caught.value) is raised
        assert "13800138000" not in str(caught.value)
        assert at.effects(package().key) == (1 if fault in TAKEN else 0)
        patient = build(tmp_path, {"kind": kind, "http": {"url": at.url, "secret": "env:PEER"}})
        standing = await patient.ask(package().key)
        assert (standing is not None) == (fault in TAKEN)
        receipt = await patient.send(package())
        assert receipt.their_no
        assert receipt.repeated == (fault in TAKEN)
        assert at.effects(package().key) == 1
        await patient.close()


@pytest.mark.parametrize("fault", sorted(TAKEN))
async def test_without_deduplication_asking_first_keeps_it_once(fault: Fault, tmp_path: Path) -> None:
    lonely: dict[str, Any] = {"at": {"1": fault}, "slow_seconds": 60, "deduplicates": False}
    async with stage("http", tmp_path, more=_hasty(fault), **lonely) as at:
        with pytest.raises(InDoubt):
            await at.bridge.send(package())
        patient = build(tmp_path, {"kind": "line12345", "http": {"url": at.url, "secret": "env:PEER"}})
        standing = await patient.ask(package().key)
        assert standing is not None
        assert standing.their_no == at.desk.ledger.by_key(package().key)[0].case_no
        assert at.effects(package().key) == 1
        await patient.close()


@pytest.mark.parametrize("way", ["http", "folder", "table"])
async def test_the_longest_key_comes_through_whole(way: str, tmp_path: Path) -> None:
    key = "K" * KEY_CHARS
    async with stage(way, tmp_path, step_seconds=0) as at:
        await at.bridge.send(package(key, local_no="L" * 64))
        await at.look()
        assert at.effects(key) == 1
        body = told(key=key)
        assert at.bridge.read_callback(callback(body), body, NOW).news[0].key == key
        if way == "http":
            standing = await at.bridge.ask(key)
            assert standing is not None
            assert standing.key == key


async def test_a_blind_repeat_without_deduplication_is_seen_in_the_ledger(tmp_path: Path) -> None:
    """The check above can fail: a courier that simply repeats opens a second case."""
    async with stage("http", tmp_path, at={"1": Fault.LOSE_ACK}, deduplicates=False) as at:
        with pytest.raises(InDoubt):
            await at.bridge.send(package())
        await at.bridge.send(package())
        assert at.effects(package().key) == 2


@pytest.mark.parametrize("way", ["folder", "table"])
@pytest.mark.parametrize("fault", [Fault.REFUSE, Fault.BUSY])
async def test_a_no_in_folder_or_table_comes_as_news(way: str, fault: Fault, tmp_path: Path) -> None:
    async with stage(way, tmp_path, at={"1": fault}) as at:
        await at.bridge.send(package())
        await at.look()
        await at.look()
        batch = await at.bridge.news()
        if fault is Fault.REFUSE:
            assert [(each.kind, each.key) for each in batch.news] == [(NewsKind.RETURNED, package().key)]
            assert batch.news[0].text
            assert at.effects(package().key) == 0
        else:
            assert batch.news == ()
            assert at.effects(package().key) == 1


@pytest.mark.parametrize(("kind", "way"), EVERY)
async def test_in_the_order_of_sending(kind: str, way: str, tmp_path: Path) -> None:
    async with stage(way, tmp_path, kind=kind) as at:
        keys = [f"T-{number:03d}.1" for number in range(4)]
        for number, key in enumerate(keys):
            await at.bridge.send(package(key, prepared_at=NOW + timedelta(seconds=number)))
        await at.look()
        assert [case.key for case in at.desk.ledger.cases()] == keys
        assert not at.desk.ledger.everything()["notes"]


@pytest.mark.parametrize(("kind", "way"), EVERY)
async def test_listed_for_the_nightly_comparison(kind: str, way: str, tmp_path: Path) -> None:
    async with stage(way, tmp_path, kind=kind) as at:
        now = at.desk.now()
        day = now.astimezone(SHANGHAI).date()
        await at.bridge.send(package(prepared_at=now))
        await at.look()
        if way == "folder":
            with pytest.raises(NotNow):
                await at.bridge.list_day(day)
            at.side.lay_list(day)
            at.side.lay_list(day - timedelta(days=3))
        listed = await at.bridge.list_day(day)
        assert [(each.key, each.their_no) for each in listed] == [(package().key, at.desk.ledger.cases()[0].case_no)]
        assert list(await at.bridge.list_day(day - timedelta(days=3))) == []


@pytest.mark.parametrize(("kind", "way"), EVERY)
async def test_probe_leaves_nothing(kind: str, way: str, tmp_path: Path) -> None:
    async with stage(way, tmp_path, kind=kind) as at:
        probed = await at.bridge.probe()
        assert probed
        assert [each.words for each in probed if not each.ok] == []
        await at.look()
        assert at.desk.ledger.everything()["arrivals"] == []


async def test_a_receiver_that_is_away_is_for_later(tmp_path: Path) -> None:
    async with stage("http", tmp_path) as at:
        await at.bridge.send(package())
        bridge = at.bridge
        with pytest.raises(Refused):  # while it is there
            await bridge.send(package("x.1", facts=" "))
    with pytest.raises(NotNow):
        await bridge.send(package("x.2"))
    with pytest.raises(NotNow):
        await bridge.ask("x.2")
    assert not any(each.ok for each in await bridge.probe())
    await bridge.close()


# ── callbacks ────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("kind", "way"), EVERY)
async def test_a_callback_is_verified_and_read(kind: str, way: str, tmp_path: Path) -> None:
    async with stage(way, tmp_path, kind=kind) as at:
        body = told()
        for secret in (SECRET, OLD_SECRET):
            batch = at.bridge.read_callback(callback(body, secret), body, NOW)
            assert [(each.kind, each.key, each.their_no) for each in batch.news] == [
                (NewsKind.ACCEPTED, package().key, "C-1")
            ]
        late = NOW + timedelta(seconds=301)
        wrong = [
            ({}, NOW, Reason.SIGNATURE_MISSING),
            (callback(body, "whsec_" + "A" * 43 + "="), NOW, Reason.SIGNATURE_WRONG),
            (callback(body + b" "), NOW, Reason.SIGNATURE_WRONG),
            (callback(body) | {"webhook-id": "m2"}, NOW, Reason.SIGNATURE_WRONG),
            (callback(body), late, Reason.TIMESTAMP_STALE),
            (callback(body, at=late), NOW, Reason.TIMESTAMP_AHEAD),
            (callback(body) | {"webhook-timestamp": "soon"}, NOW, Reason.TIMESTAMP_BAD),
        ]
        for headers, now, reason in wrong:
            with pytest.raises(NotAdmitted, match=reason):
                at.bridge.read_callback(headers, body, now)


async def test_a_replay_reads_as_the_same_news(tmp_path: Path) -> None:
    async with stage("http", tmp_path) as at:
        body = told()
        once = at.bridge.read_callback(callback(body), body, NOW).news
        replayed = at.bridge.read_callback(callback(body), body, NOW + timedelta(seconds=60)).news
        sent_anew = at.bridge.read_callback(callback(body, message="m9"), body, NOW).news
        assert {each.id for each in (*once, *replayed, *sent_anew)} == {once[0].id}
        other = told(type="done")
        assert at.bridge.read_callback(callback(other), other, NOW).news[0].id != once[0].id


async def test_callback_limits_and_rubbish(tmp_path: Path) -> None:
    async with stage("http", tmp_path, more={"callback": {"secrets": ["env:PEER"], "max_body_bytes": 4096}}) as at:
        for body in (b"", b"{[", b"null", b'{"items":[]}', b"[" * 2000, b" " * 5000):
            with pytest.raises(Undecodable):
                at.bridge.read_callback(callback(body), body, NOW)
        half = json.dumps({"items": [json.loads(told())["items"][0], {"type": "?"}, 7]}).encode()
        batch = at.bridge.read_callback(callback(half), half, NOW)
        assert len(batch.news) == 1
        assert len(batch.set_aside) == 2
        assert all(isinstance(each, News) for each in batch.news)


# ── what any receiver must be told ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", ["line12345", "line110", "province", "folder", "table", "paper"])
async def test_without_a_legal_basis_nothing_leaves(kind: str, tmp_path: Path) -> None:
    way = kind if kind in ("folder", "table") else "http"
    cases: list[tuple[str, dict[str, Any]]] = [
        ("facts", {"facts": " \n"}),
        ("consent", {"consent": None}),
        ("consent.given", {"consent": Consent(given=False, asked_at=NOW, asked_by="8001")}),
        ("legal_note", {"legal_basis": LegalBasis.STATUTORY_DUTY, "consent": None}),
    ]
    if kind == "line110":
        cases.append(("confirmed", {"confirmed": None}))
    if kind == "paper":
        bridge = build(tmp_path, {"kind": "paper"})
        await _refused(bridge, cases)
        return
    async with stage(way, tmp_path, kind=kind) as at:
        await _refused(at.bridge, cases)
        await at.look()
        assert at.desk.ledger.everything()["arrivals"] == []


async def _refused(bridge: Bridge, cases: list[tuple[str, dict[str, Any]]]) -> None:
    for field, changes in cases:
        wrong = package("w.1", **changes)
        missing: list[Missing] = list(bridge.check(wrong))
        assert field in [each.field for each in missing]
        with pytest.raises(Refused):
            await bridge.send(wrong)


def _hasty(fault: Fault) -> dict[str, Any]:
    return {"http": SOON} if fault in (Fault.SLOW, Fault.LATE) else {}
