"""Prompts, the call plan and notices through the routes: what is kept, refused, heard and recorded."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from adapters.prompts import StoredPrompt, built_in
from hotline.announcements.changes import Changes
from hotline.announcements.default import plan_of
from hotline.announcements.wav import convert
from hotline.people.permissions import Role
from tests.announcements.tones import riff, tone
from tests.api.site import Site

PROMPTS, PLAN, NOTICES = "/announcements/prompts", "/announcements/plan", "/announcements/notices"
WAV = {"Content-Type": "audio/wav"}
HOLIDAY = {"kind": "holiday", "title": "国庆", "prompt": "holiday"}


class Shelf:
    """A device that keeps what it is given."""

    def __init__(self) -> None:
        self.put: dict[str, bytes] = {}
        self.failure: OSError | None = None

    async def prompt_names(self) -> Mapping[str, StoredPrompt]:
        self._fail()
        own = {"greeting": StoredPrompt(seconds=9.0)}
        return own | {
            name: StoredPrompt(seconds=1.0, sha256=hashlib.sha256(wav).hexdigest()) for name, wav in self.put.items()
        }

    async def put_prompt(self, name: str, wav: bytes) -> None:
        self._fail()
        self.put[name] = wav

    async def restore_prompt(self, name: str) -> None:
        self._fail()
        self.put.pop(name, None)

    async def read_prompt(self, name: str) -> bytes | None:
        self._fail()
        return self.put.get(name, b"RIFF-own" if name == "greeting" else None)

    def _fail(self) -> None:
        if self.failure is not None:
            raise self.failure


@pytest.fixture
def shelf(site: Site) -> Shelf:
    made = Shelf()
    of_settings = {name: plan_of(table) for name, table in site.settings.halls.items()}
    site.app.state.announcements = Changes(site.engine, of_settings, {"h1": {"card-1": made}})
    return made


def named(items: list[dict[str, Any]], name: str) -> dict[str, Any]:
    return next(each for each in items if each["name"] == name)


# ── prompts ──────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_every_hall_begins_with_the_built_in_ones(site: Site) -> None:
    async with site.browser(Role.SUPERVISOR) as client:
        items = (await client.get(PROMPTS)).json()["items"]
    assert [each["name"] for each in items] == list(built_in())
    greeting = items[0]
    assert (greeting["label"], greeting["built_in"], greeting["recording"]) == ("开头语（含录音告知）", True, None)
    assert 5 < greeting["seconds"] < 20


async def test_an_upload_is_converted_and_brought_to_the_lines_at_once(site: Site, shelf: Shelf) -> None:
    async with site.browser(Role.ADMINISTRATOR) as client:
        answer = await client.put(f"{PROMPTS}/greeting/audio", content=tone(rate=44100, channels=2), headers=WAV)
        body = answer.json()
        assert answer.status_code == 200, body
        assert body["recording"] | {"uploaded_at": 0, "uploaded_by": 0, "sha256": 0} == {
            "version": 1,
            "seconds": 1.0,
            "peak_db": -6.0,
            "warnings": [],
            "sha256": 0,
            "uploaded_at": 0,
            "uploaded_by": 0,
        }
        assert body["devices"] == [{"adapter": "card-1", "state": "current"}]
        assert shelf.put["greeting"] == convert(tone(rate=44100, channels=2)).wav
        heard = await client.get(f"{PROMPTS}/greeting/audio")
        assert (heard.content, heard.headers["content-type"]) == (shelf.put["greeting"], "audio/wav")
        part = await client.get(f"{PROMPTS}/greeting/audio", headers={"Range": "bytes=44-143"})
        assert (part.status_code, part.content) == (206, shelf.put["greeting"][44:144])
        assert part.headers["content-range"] == f"bytes 44-143/{len(shelf.put['greeting'])}"
        tail = await client.get(f"{PROMPTS}/greeting/audio", headers={"Range": "bytes=-10"})
        assert tail.content == shelf.put["greeting"][-10:]
        beyond = await client.get(f"{PROMPTS}/greeting/audio", headers={"Range": "bytes=9999999-"})
        assert (beyond.status_code, beyond.json()["code"]) == (416, "range_not_satisfiable")
    entry = (await site.audit())[-1]
    assert (entry["act"], entry["object"]) == ("prompt_changed", "announcements/prompts/greeting")
    assert entry["data"]["what"] == "uploaded"
    assert entry["data"]["sha256"] == hashlib.sha256(shelf.put["greeting"]).hexdigest()


async def test_versions_are_kept_and_restored(site: Site, shelf: Shelf) -> None:
    async with site.browser(Role.ADMINISTRATOR) as client:
        for pitch in (440.0, 600.0):
            await client.put(f"{PROMPTS}/greeting/audio", content=tone(pitch=pitch), headers=WAV)
        detail = (await client.get(f"{PROMPTS}/greeting")).json()
        assert [each["version"] for each in detail["versions"]] == [2, 1]
        first = await client.get(f"{PROMPTS}/greeting/audio", params={"version": 1})
        assert first.content == convert(tone()).wav
        back = (await client.post(f"{PROMPTS}/greeting/restore", json={"version": 1})).json()
        assert (back["recording"]["version"], back["devices"][0]["state"]) == (1, "current")
        assert shelf.put["greeting"] == first.content
        own = (await client.post(f"{PROMPTS}/greeting/restore", json={"version": 0})).json()
        assert (own["recording"], own["devices"][0]["state"], shelf.put) == (None, "own", {})
        assert (await client.get(f"{PROMPTS}/greeting/audio")).content == b"RIFF-own"
        silent = await client.get(f"{PROMPTS}/closed/audio")
        assert (silent.status_code, silent.json()["code"]) == (404, "prompt_no_audio")
        missing = await client.post(f"{PROMPTS}/greeting/restore", json={"version": 9})
        assert missing.status_code == 404


async def test_one_of_the_halls_own(site: Site, shelf: Shelf) -> None:
    words = {"label": "国庆公告", "text": "国庆期间照常服务。"}
    async with site.browser(Role.ADMINISTRATOR) as client:
        made = await client.put(f"{PROMPTS}/national-day/audio", content=tone(level=0.05), headers=WAV, params=words)
        assert made.json()["recording"]["warnings"] == ["音量偏低（峰值 -26 dB），来电人可能听不清。"]
        assert (made.json()["label"], made.json()["text"], made.json()["built_in"]) == (*words.values(), False)
        renamed = await client.put(f"{PROMPTS}/national-day", json={"label": "国庆", "text": ""})
        assert (renamed.json()["label"], renamed.json()["text"]) == ("国庆", "")
        await client.post(NOTICES, json=HOLIDAY | {"prompt": "national-day"})
        used = await client.delete(f"{PROMPTS}/national-day")
        assert (used.status_code, used.json()["code"]) == (409, "prompt_in_use")
        notice = (await client.get(NOTICES)).json()["items"][-1]
        assert (await client.delete(f"{NOTICES}/{notice['id']}")).status_code == 204
        removed = (await client.delete(f"{PROMPTS}/national-day")).json()
        assert (removed["removed"], shelf.put) == (True, {})
        again = (await client.post(f"{PROMPTS}/national-day/restore", json={"version": 1})).json()
        assert (again["removed"], set(shelf.put)) == (False, {"national-day"})
    async with site.browser(Role.ADMINISTRATOR, "h2") as other:
        assert (await other.get(f"{PROMPTS}/national-day")).status_code == 404
        assert (await other.get(f"{PROMPTS}/national-day/audio")).status_code == 404


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "文件是空的。"),
        (b"ID3" + bytes(50), "这是 MP3 文件，请另存为 WAV（PCM）后上传。"),
        (riff(bytes(16000)), "录音是静音，请检查话筒后重新录制。"),
        (riff(bytes(8000 * 61), bits=8), "录音长 61 秒，超过 60 秒的上限。"),
    ],
)
async def test_what_is_no_announcement_says_why(site: Site, content: bytes, words: str) -> None:
    async with site.browser(Role.ADMINISTRATOR) as client:
        answer = await client.put(f"{PROMPTS}/greeting/audio", content=content, headers=WAV)
        assert (answer.status_code, answer.json()["code"], answer.json()["detail"]) == (422, "not_playable", words)
        assert (await client.get(f"{PROMPTS}/greeting")).json()["versions"] == []
    assert await site.audit() == []


async def test_only_uploads_may_be_long(site: Site) -> None:
    long = tone(rate=48000, seconds=10)
    assert 256 * 1024 < len(long) < 2 * 1024 * 1024
    async with site.browser(Role.ADMINISTRATOR) as client:
        assert (await client.put(f"{PROMPTS}/greeting/audio", content=long, headers=WAV)).status_code == 200
        longer = await client.put(f"{PROMPTS}/greeting/audio", content=bytes(2 * 1024 * 1024 + 1), headers=WAV)
        assert (longer.status_code, longer.json()["code"]) == (413, "too_large")
        elsewhere = await client.put(PLAN, content=b'{"note": "' + b"x" * len(long) + b'"}', headers={"If-Match": "0"})
        assert (elsewhere.status_code, elsewhere.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize("name", ["Greeting", "a b", "..", "a.YUE", "-a", "a" * 65, "语音", "a.yue.yue", "a\n"])
async def test_names_are_also_names_of_files(site: Site, name: str) -> None:
    async with site.browser(Role.ADMINISTRATOR) as client:
        path = name.replace(" ", "%20").replace("\n", "%0A")
        answer = await client.put(f"{PROMPTS}/{path}/audio", content=tone(), headers=WAV)
    assert answer.status_code in (404, 405, 422)


async def test_a_line_out_of_reach_is_shown(site: Site, shelf: Shelf) -> None:
    shelf.failure = PermissionError(13, "no")
    async with site.browser(Role.ADMINISTRATOR) as client:
        put = await client.put(f"{PROMPTS}/greeting/audio", content=tone(), headers=WAV)
        assert put.json()["devices"] == [{"adapter": "card-1", "state": "unknown"}]
        listed = (await client.get(PROMPTS)).json()
        assert listed["devices"] == [{"adapter": "card-1", "failure": "没有写入提示音目录的权限"}]
        shelf.failure = None
        listed = (await client.get(PROMPTS)).json()
        assert named(listed["items"], "greeting")["devices"] == [{"adapter": "card-1", "state": "other"}]
        assert named(listed["items"], "closed")["devices"] == [{"adapter": "card-1", "state": "missing"}]


# ── the plan ─────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_the_settings_come_first_and_a_stored_plan_wins(site: Site) -> None:
    async with site.browser(Role.ADMINISTRATOR) as client:
        first = await client.get(PLAN)
        assert (first.json()["version"], first.headers["etag"], first.json()["made_at"]) == (0, '"0"', None)
        plan = first.json()["plan"] | {"greeting": "welcome", "recording_notice": "recording-notice"}
        saved = await client.put(PLAN, json={"plan": plan, "note": "分开告知"}, headers={"If-Match": '"0"'})
        assert (saved.status_code, saved.json()["version"], saved.headers["etag"]) == (200, 1, '"1"')
        now = (await client.get(PLAN)).json()
        assert (now["plan"], now["note"], now["faults"]) == (plan, "分开告知", [])
        assert [line["prompt"] for line in now["outline"]][:2] == ["welcome", "recording-notice"]
        assert now["seconds_to_queue"] == pytest.approx(sum(line["seconds"] for line in now["outline"][:2]), abs=0.1)
    async with site.browser(Role.SUPERVISOR, "h2") as other:
        assert (await other.get(PLAN)).json()["version"] == 0
    entry = (await site.audit())[-1]
    assert (entry["act"], entry["data"]) == ("plan_changed", {"version": 1, "note": "分开告知"})


async def test_two_people_editing(site: Site) -> None:
    async with site.browser(Role.ADMINISTRATOR) as client:
        plan = (await client.get(PLAN)).json()["plan"]
        assert (await client.put(PLAN, json={"plan": plan})).json()["code"] == "announcement_version_required"
        assert (await client.put(PLAN, json={"plan": plan}, headers={"If-Match": '"0"'})).status_code == 200
        late = await client.put(PLAN, json={"plan": plan}, headers={"If-Match": '"0"'})
        assert (late.status_code, late.json()["code"], late.headers["etag"]) == (412, "plan_changed", '"1"')


async def test_faults_are_told_with_their_places_and_nothing_is_saved(site: Site) -> None:
    menu = {"prompt": "nope", "keys": [{"key": "1", "queue": "nope"}, {"key": "1", "act": "repeat"}]}
    async with site.browser(Role.ADMINISTRATOR) as client:
        checked = (await client.post(f"{PLAN}/check", json={"menu": menu})).json()
        assert {each["place"] for each in checked["faults"] if each["grade"] == "error"} == {
            "menu.prompt",
            "menu.keys.0.queue",
            "menu.keys.1.key",
        }
        refused = await client.put(PLAN, json={"plan": {"menu": menu}}, headers={"If-Match": '"0"'})
        assert (refused.status_code, refused.json()["code"]) == (422, "plan_invalid")
        assert {"field": "menu.keys.0.queue", "message": "没有名为 nope 的队列。"} in refused.json()["errors"]
        assert all(each["message"] != "" for each in refused.json()["errors"])
        assert (await client.get(PLAN)).json()["version"] == 0
    assert await site.audit() == []


async def test_an_earlier_plan_becomes_the_newest(site: Site) -> None:
    async with site.browser(Role.ADMINISTRATOR) as client:
        for version, greeting in enumerate(("welcome", "greeting")):
            body = {"plan": {"greeting": greeting}, "note": greeting}
            assert (await client.put(PLAN, json=body, headers={"If-Match": f'"{version}"'})).status_code == 200
        assert (await client.get(f"{PLAN}/versions/1")).json()["plan"]["greeting"] == "welcome"
        assert (await client.get(f"{PLAN}/versions/7")).status_code == 404
        back = await client.post(f"{PLAN}/restore", json={"version": 1}, headers={"If-Match": '"2"'})
        assert (back.json()["version"], back.json()["plan"]["greeting"]) == (3, "welcome")
        to_file = await client.post(f"{PLAN}/restore", json={"version": 0}, headers={"If-Match": '"3"'})
        assert (to_file.json()["version"], to_file.json()["plan"]["greeting"]) == (4, "")
        versions = (await client.get(f"{PLAN}/versions")).json()["items"]
    assert [(each["version"], each["note"]) for each in versions] == [
        (4, "恢复配置文件的设置"),
        (3, "恢复第 1 版"),
        (2, "greeting"),
        (1, "welcome"),
        (0, ""),
    ]


async def test_a_plan_whose_prompt_is_gone_cannot_be_restored(site: Site, shelf: Shelf) -> None:
    async with site.browser(Role.ADMINISTRATOR) as client:
        await client.put(f"{PROMPTS}/mine/audio", content=tone(), headers=WAV)
        await client.put(PLAN, json={"plan": {"greeting": "mine"}}, headers={"If-Match": '"0"'})
        assert (await client.delete(f"{PROMPTS}/mine")).json()["code"] == "prompt_in_use"
        await client.put(PLAN, json={"plan": {}}, headers={"If-Match": '"1"'})
        assert (await client.delete(f"{PROMPTS}/mine")).status_code == 200
        back = await client.post(f"{PLAN}/restore", json={"version": 1}, headers={"If-Match": '"2"'})
    assert (back.status_code, back.json()["errors"][0]["field"]) == (422, "greeting")


async def test_a_plan_of_endless_depth_is_refused(site: Site) -> None:
    menu: dict[str, Any] = {"prompt": "menu", "keys": []}
    for _ in range(30):
        menu = {"prompt": "menu", "keys": [{"key": "1", "act": "menu", "menu": menu}]}
    deep = b'{"menu":{"prompt":"m","keys":[{"key":"1","menu":' * 3000 + b"null" + b"}]}}" * 3000
    async with site.browser(Role.ADMINISTRATOR) as client:
        checked = (await client.post(f"{PLAN}/check", json={"menu": menu})).json()
        assert "菜单最多 2 级。" in {each["message"] for each in checked["faults"]}
        answer = await client.post(f"{PLAN}/check", content=deep, headers={"Content-Type": "application/json"})
        assert answer.status_code in (400, 422)


# ── notices ──────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_the_emergency_notice_is_one_click(site: Site) -> None:
    async with site.browser(Role.SUPERVISOR) as client:
        ready = (await client.get(NOTICES)).json()["items"]
        assert [(each["id"], each["on"], each["playing"], each["version"]) for each in ready] == [
            ("emergency", False, False, 0)
        ]
        on = await client.post(f"{NOTICES}/emergency/switch", json={"on": True})
        assert (on.status_code, on.json()["playing"], on.json()["kind"]) == (200, True, "emergency")
        assert (await client.get(NOTICES)).json()["items"][0]["playing"]
        off = await client.post(f"{NOTICES}/emergency/switch", json={"on": False})
        assert not off.json()["playing"]
        until = (site.clock.now() + timedelta(minutes=5)).isoformat()
        await client.post(f"{NOTICES}/emergency/switch", json={"on": True, "until": until})
        site.clock.forward(minutes=6)
        over = (await client.get(NOTICES)).json()["items"][0]
        assert (over["on"], over["playing"]) == (True, False)
        again = await client.post(f"{NOTICES}/emergency/switch", json={"on": True})
        assert (again.json()["playing"], again.json()["until"]) == (True, None)
    acts = [(entry["act"], entry["data"]["what"], entry["work_number"]) for entry in await site.audit()]
    assert acts == [("notice_switched", what, "2001") for what in ("on", "off", "on", "on")]


async def test_a_supervisor_switches_but_does_not_write(site: Site) -> None:
    async with site.browser(Role.ADMINISTRATOR) as client:
        later = (site.clock.now() + timedelta(days=1)).isoformat()
        made = await client.post(NOTICES, json=HOLIDAY | {"start": later})
        assert (made.status_code, made.json()["playing"]) == (201, False)
        path = f"{NOTICES}/{made.json()['id']}"
    async with site.browser(Role.SUPERVISOR) as client:
        assert (await client.put(path, json=HOLIDAY, headers={"If-Match": '"1"'})).status_code == 403
        assert (await client.post(f"{path}/switch", json={"on": True})).json()["playing"]
    async with site.browser(Role.ADMINISTRATOR) as client:
        late = await client.put(path, json=HOLIDAY, headers={"If-Match": '"1"'})
        assert (late.status_code, late.json()["code"]) == (412, "notice_changed")
        changed = await client.put(path, json=HOLIDAY | {"title": "中秋", "on": False}, headers={"If-Match": '"2"'})
        assert (changed.json()["title"], changed.json()["version"], changed.json()["on"]) == ("中秋", 3, False)
        assert (await client.delete(path)).status_code == 204
        assert (await client.delete(path)).status_code == 404
        assert (await client.post(f"{path}/switch", json={"on": True})).status_code == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"prompt": "nope"}, "prompt"),
        ({"start": "2026-12-02T00:00:00+08:00", "until": "2026-12-01T00:00:00+08:00"}, "until"),
        ({"then": "voicemail"}, "then"),
    ],
)
async def test_bad_notices(site: Site, change: dict[str, Any], field: str) -> None:
    async with site.browser(Role.ADMINISTRATOR) as client:
        answer = await client.post(NOTICES, json=HOLIDAY | change)
        assert (answer.status_code, answer.json()["code"]) == (422, "notice_invalid")
        assert [each["field"] for each in answer.json()["errors"]] == [field]
        naive = await client.post(NOTICES, json=HOLIDAY | {"start": "2026-12-01T00:00:00"})
        assert (naive.status_code, naive.json()["code"]) == (422, "invalid_input")


async def test_a_notice_is_made_once(site: Site) -> None:
    async with site.browser(Role.ADMINISTRATOR) as client:
        ids = {
            (await client.post(NOTICES, json=HOLIDAY, headers={"Idempotency-Key": "k"})).json()["id"] for _ in range(2)
        }
        assert len(ids) == 1
        assert len((await client.get(NOTICES)).json()["items"]) == 2


async def test_switching_a_notice_makes_no_new_plan(site: Site) -> None:
    async with site.browser(Role.ADMINISTRATOR) as client:
        await client.post(f"{NOTICES}/emergency/switch", json={"on": True})
        plan = (await client.get(PLAN)).json()
        assert plan["version"] == 0
        assert any("紧急公告" in line["title"] for line in plan["outline"])
