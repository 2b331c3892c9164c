"""What an HTTP answer is worth, and how the bridge calls."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from adapters.bridge import InDoubt, NotNow, SendsFigures
from adapters.bridges.mapping import Answer
from adapters.bridges.peer_serving import listening
from adapters.bridges.signing import Reason
from adapters.bridges.transports.answers import heard_as, judge
from adapters.bridges.transports.transport import What
from adapters.errors import Misconfigured, NotAdmitted, Refused
from adapters.handover_package import DailyFigures, Measure
from tests.adapters.bridges.stage import NOW, build, package, stage

ANSWER = Answer(
    code="code",
    ok=["0"],
    repeated=["DUP"],
    later=["BUSY"],
    absent=["NONE"],
    their_no="no",
    echo="key",
    message="message",
)
GOOD = '{"code":0,"key":"k.1","no":"C-1"}'


@pytest.mark.parametrize(
    ("status", "body", "comes_to"),
    [
        (200, GOOD, "C-1"),
        (201, GOOD, "C-1"),
        (200, '{"code":"DUP","key":"k.1","no":"C-1"}', "C-1"),
        (409, '{"code":"DUP","key":"k.1","no":"C-1"}', "C-1"),
        (500, GOOD, InDoubt),
        (400, GOOD, InDoubt),
        (200, "", InDoubt),
        (200, "null", InDoubt),
        (200, "<html>", InDoubt),
        (200, GOOD[:-2], InDoubt),
        (200, '{"code":"0","key":"k.1","no":" "}', InDoubt),
        (200, '{"code":"0","key":"k.2","no":"C-1"}', InDoubt),
        (200, '{"code":["0"],"key":"k.1","no":"C-1"}', InDoubt),
        (200, '{"code":"0","code":"0","key":"k.1","no":"C-1"}', InDoubt),
        (202, "accepted", InDoubt),
        (409, "", InDoubt),
        (408, "", InDoubt),
        (502, "bad gateway", InDoubt),
        (504, "", InDoubt),
        (200, '{"code":"BUSY"}', NotNow),
        (400, '{"code":"BUSY"}', NotNow),
        (200, '{"code":"E7","message":"缺少区划 13800138000"}', Refused),
        (422, '{"code":"E7"}', Refused),
        (400, "bad request", Refused),
        (413, "", Refused),
        (401, GOOD, Misconfigured),
        (403, "", Misconfigured),
        (302, "", Misconfigured),
        (404, "<html>not found", Misconfigured),
        (404, '{"code":"E7"}', Refused),
    ],
)
def test_only_a_clear_yes_is_a_yes(status: int, body: str, comes_to: Any) -> None:
    verdict = judge(status, body.encode(), ANSWER, "json", key="k.1", case=What.CASE)
    if isinstance(comes_to, str):
        assert verdict.error is None
        assert verdict.their_no == comes_to
    else:
        assert type(verdict.error) is comes_to
        assert "13800138000" not in str(verdict.error)


def test_their_reason_is_for_a_person() -> None:
    said = judge(200, '{"code":"E7","message":"缺少区划"}'.encode(), ANSWER, "json", key="k", case=What.CASE)
    assert str(said.error) == "对方不收（E7，缺少区划）"


@pytest.mark.parametrize(
    ("status", "body", "absent", "fails"),
    [
        (200, '{"code":"0"}', False, False),
        (404, '{"code":"NONE"}', True, False),
        (200, '{"code":"NONE"}', True, False),
        (404, "<html>", False, True),
        (500, '{"code":"NONE"}', False, True),
        (200, "<html>", False, True),
        (200, '{"code":"E1"}', False, True),
        (401, '{"code":"NONE"}', False, True),
    ],
)
def test_only_they_can_say_that_they_do_not_have_it(status: int, body: str, absent: bool, fails: bool) -> None:
    verdict = heard_as(status, body.encode(), ANSWER, "json")
    assert (verdict.absent, verdict.error is not None) == (absent, fails)


def test_without_a_code_their_number_is_the_yes() -> None:
    bare = Answer(their_no="id")
    assert judge(200, b'{"id":7}', bare, "json", key="k", case=What.CASE).their_no == "7"
    assert type(judge(200, b"{}", bare, "json", key="k", case=What.CASE).error) is InDoubt
    assert type(judge(200, b"<p>", bare, "json", key="k", case=What.CASE).error) is InDoubt


async def test_xml_form_and_token(tmp_path: Path) -> None:
    """Another vendor's manner: a form goes, XML comes back, a token instead of a signature."""
    seen: list[dict[str, Any]] = []

    async def take(request: Request) -> Response:
        seen.append({"auth": request.headers.get("authorization"), "body": (await request.body()).decode()})
        return Response("<r><rc>OK</rc><no>C-9</no></r>", media_type="text/xml")

    mapping = tmp_path / "court.toml"
    mapping.write_text(
        """format = "xml"
root = "case"
[fields]
key = "lsh"
facts = "nr"
[http]
send = "/in"
[answer]
code = "rc"
ok = "OK"
their_no = "no"
""",
        "utf-8",
    )
    async with listening(Starlette(routes=[Route("/in", take, methods=["POST"])])) as port:
        http = {"url": f"http://127.0.0.1:{port}", "token": "env:TOKEN"}
        bridge = build(tmp_path, {"kind": "generic", "mapping": str(mapping), "http": http})
        assert (await bridge.send(package())).their_no == "C-9"
        await bridge.close()
    assert seen[0]["auth"] == "Bearer a-token-of-some-length"
    assert seen[0]["body"].startswith("<?xml")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that no authority signed, and its key."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "city")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("certificate")
    (folder / "cert.pem").write_bytes(made.public_bytes(Encoding.PEM))
    (folder / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return folder / "cert.pem", folder / "key.pem"


async def test_their_certificate_is_checked(tmp_path: Path, certificate: tuple[Path, Path]) -> None:
    came: list[bytes] = []

    async def take(request: Request) -> Response:
        came.append(await request.body())
        return JSONResponse({"code": "0", "data": {"key": package().key, "case_no": "C-1"}})

    app = Starlette(routes=[Route("/handovers", take, methods=["POST"])])
    async with listening(app, certificate=certificate) as port:
        http = {"url": f"https://127.0.0.1:{port}", "secret": "env:PEER"}
        stranger = build(tmp_path, {"kind": "line12345", "http": http})
        with pytest.raises(Misconfigured, match="证书"):
            await stranger.send(package())
        assert came == []
        known = build(tmp_path, {"kind": "line12345", "http": http | {"verify": str(certificate[0])}})
        assert (await known.send(package())).their_no == "C-1"
        for bridge in (stranger, known):
            await bridge.close()
    with pytest.raises(Misconfigured, match="PEM"):
        build(tmp_path, {"kind": "line12345", "http": http | {"verify": __file__}})


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"authorization": "Bearer a-token-of-some-length", ":peer": "::ffff:10.20.0.9"}, None),
        ({"authorization": "Bearer a-token-of-some-length", ":peer": "10.21.0.9"}, Reason.NETWORK),
        ({"authorization": "Bearer a-token-of-some-length"}, Reason.PEER_UNKNOWN),
        ({"authorization": "Bearer another-token-here", ":peer": "10.20.0.9"}, Reason.TOKEN_WRONG),
        ({"authorization": "Basic a-token-of-some-length", ":peer": "10.20.0.9"}, Reason.TOKEN_MISSING),
        ({":peer": "10.20.0.9"}, Reason.TOKEN_MISSING),
    ],
)
def test_callbacks_by_token_and_network(tmp_path: Path, headers: dict[str, str], reason: Reason | None) -> None:
    (tmp_path / "out").mkdir()
    callback = {"tokens": ["env:TOKEN"], "networks": ["10.20.0.0/24"]}
    bridge = build(tmp_path, {"kind": "folder", "folder": {"out": str(tmp_path / "out")}, "callback": callback})
    body = b'{"items":[{"type":"accepted","key":"k.1"}]}'
    if reason is None:
        assert len(bridge.read_callback(headers, body, NOW).news) == 1
    else:
        with pytest.raises(NotAdmitted, match=reason):
            bridge.read_callback(headers, body, NOW)


async def test_the_right_signature_is_wanted(tmp_path: Path) -> None:
    async with stage("http", tmp_path, more={"http": {"secret": "env:OLD"}}) as at:
        with pytest.raises(Misconfigured, match="密钥"):
            await at.bridge.send(package())
        assert at.effects(package().key) == 0
        assert [each.ok for each in await at.bridge.probe()] == [True, True, False]


async def test_an_answer_without_end_is_not_read_to_its_end(tmp_path: Path) -> None:
    async with stage("http", tmp_path, at={"1": "huge"}) as at:
        with pytest.raises(InDoubt, match="超过 1024 KB"):
            await at.bridge.send(package())


async def test_retry_after_is_passed_on(tmp_path: Path) -> None:
    async with stage("http", tmp_path, at={"1": "busy"}) as at:
        with pytest.raises(NotNow) as caught:
            await at.bridge.send(package())
        assert caught.value.after_seconds == 1.0


async def test_figures_once(tmp_path: Path) -> None:
    measure = Measure(id="answer_rate", label="接通率", numerator=95, denominator=100, value=0.95)
    figures = DailyFigures(hall="h1", day=NOW.date(), measures=(measure,), prepared_at=NOW)
    async with stage("http", tmp_path, kind="province") as at:
        assert isinstance(at.bridge, SendsFigures)
        assert not (await at.bridge.send_figures(figures)).repeated
        assert (await at.bridge.send_figures(figures)).repeated
        (row,) = at.desk.ledger.everything()["figures"]
        assert json.loads(row["document"])["measures"][0]["numerator"] == 95


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({}, "[bridges.city] 缺少 kind"),
        ({"kind": "line1234"}, "[bridges.city] kind：没有安装 'line1234' 这一种类；是否应为 line12345？"),
        ({"kind": "line12345"}, "[bridges.city] 缺少 http、folder、table"),
        ({"kind": "line110"}, "或只写 dials"),
        ({"kind": "folder", "http": {"url": "https://a", "secret": "env:PEER"}}, "http：folder 不走这条路"),
        ({"kind": "generic", "folder": {"out": "/x"}}, "缺少 mapping：generic 没有通用的格式"),
        ({"kind": "line12345", "http": {"url": "http://10.0.0.1", "secret": "env:PEER"}}, "只能用 https"),
        ({"kind": "line12345", "http": {"url": "https://a.example"}}, "缺少 secret 或 token"),
        ({"kind": "line12345", "http": {"url": "https://a", "secret": "whsec_abc"}}, "http.secret"),
        ({"kind": "line12345", "http": {"url": "https://a", "secret": "env:TOKEN"}}, "http.secret：签名密钥应为"),
        ({"kind": "line12345", "http": {"url": "https://a", "secret": "env:PEER", "verify": False}}, "核对证书"),
        (
            {"kind": "line12345", "folder": {"out": "/x"}, "http": {"url": "https://a", "secret": "env:PEER"}},
            "一个对接桥只走一条路",
        ),
        ({"kind": "folder", "folder": {"out": "/x", "inbox": "/x"}}, "folder.inbox：与 out 是同一个目录"),
        ({"kind": "folder", "folder": {"out": "/x"}, "callback": {}}, "没有密钥时，任何人都能冒充"),
        ({"kind": "paper", "keep_days": 0}, "[bridges.city] keep_days：不能小于 1"),
        ({"kind": "table", "table": {"url": "env:TOKEN"}}, "table.url：不是数据库地址"),
        ({"kind": "line110", "dials": "一一零"}, "[bridges.city] dials：格式不对"),
    ],
)
def test_wrong_settings_are_told_by_key(tmp_path: Path, table: dict[str, Any], words: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        build(tmp_path, table)
    assert words in str(caught.value)
    assert all(line.startswith("[bridges.city] ") for line in str(caught.value).splitlines())


async def test_110_may_be_voice_only(tmp_path: Path) -> None:
    bridge = build(tmp_path, {"kind": "line110", "dials": "110"})
    assert bridge.dials == "110"
    assert {str(each) for each in bridge.abilities} == {"carries_call"}
    assert all(each.ok for each in await bridge.probe())
