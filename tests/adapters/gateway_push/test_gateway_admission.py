from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from gateway_samples import OLD_SECRET, SECRET, SECRETS, TOKEN
from pydantic import ValidationError
from standardwebhooks import Webhook

from adapters.errors import Misconfigured, NotAdmitted
from adapters.gateway_push.admission import PATH, PEER, Reason
from adapters.gateway_push.plugin import PLUGIN
from adapters.gateway_push.settings import GatewaySettings
from adapters.registry import Site
from adapters.telephony import AdapterName

NOW = datetime(2026, 11, 21, 2, 13, 5, tzinfo=UTC)
BODY = b'{"events": []}'


def signed(body: bytes = BODY, *, at: datetime = NOW, secret: str = SECRET, message: str = "msg_1") -> dict[str, str]:
    """Headers made by the reference library, not by the code under test."""
    return {
        "webhook-id": message,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(message, at, body.decode()),
    }


def reason(refused: pytest.ExceptionInfo[NotAdmitted]) -> str:
    return str(refused.value)


@pytest.mark.parametrize("secret", [SECRET, OLD_SECRET])
@pytest.mark.parametrize("shift", [0, 299, -299, 300, -300])
def test_every_listed_secret_is_accepted_within_five_minutes(gateway, secret, shift):
    gateway().admit(signed(at=NOW + timedelta(seconds=shift), secret=secret), BODY, NOW)


@pytest.mark.parametrize(
    ("shift", "expected"), [(-301, Reason.TIMESTAMP_STALE), (301, Reason.TIMESTAMP_AHEAD), (-86400, "timestamp_stale")]
)
def test_a_stale_or_future_timestamp_is_refused_though_the_signature_is_good(gateway, shift, expected):
    with pytest.raises(NotAdmitted) as refused:
        gateway().admit(signed(at=NOW + timedelta(seconds=shift)), BODY, NOW)
    assert reason(refused) == expected


def test_one_good_signature_in_a_list_is_enough(gateway):
    headers = signed()
    headers["webhook-signature"] = "v1a,zzzz v1,AAAA garbage " + headers["webhook-signature"]
    gateway().admit(headers, BODY, NOW)


@pytest.mark.parametrize("stamp", ["", "nan", "1e9", "-1", "1.5", " 1", "９", "9" * 40])
def test_odd_timestamps(gateway, stamp):
    with pytest.raises(NotAdmitted) as refused:
        gateway().admit(signed() | {"webhook-timestamp": stamp}, BODY, NOW)
    assert reason(refused) in (Reason.TIMESTAMP_BAD, Reason.SIGNATURE_MISSING)


def test_a_signed_body_that_is_not_utf_8_is_admitted_so_that_it_can_be_kept(gateway):
    body = "来电".encode("gbk")
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    stamp = str(int(NOW.timestamp()))
    mac = hmac.new(key, b"m." + stamp.encode() + b"." + body, hashlib.sha256).digest()
    signature = "v1," + base64.b64encode(mac).decode()
    headers = {"webhook-id": "m", "webhook-timestamp": stamp, "webhook-signature": signature}
    gateway().admit(headers, body, NOW)


def test_no_forgery_is_admitted(gateway):
    """Bit flips, wrong secrets, swapped bodies and ids, shifted times, malleable base64: 20,000 of them."""
    chance, target = Random(12348), gateway()
    body = b'{"events":[{"id":"1","type":"call.offered","at":"2026-11-21T02:13:05Z","call":"c"}]}'
    good = signed(body)
    target.admit(good, body, NOW)
    other = Webhook("whsec_" + base64.b64encode(b"another-secret-of-24-bytes").decode())
    for attempt in range(20_000):
        headers, forged = dict(good), body
        match attempt % 6:
            case 0:
                flipped = bytearray(body)
                flipped[chance.randrange(len(body))] ^= 1 << chance.randrange(7)
                forged = bytes(flipped)
            case 1:
                text = list(headers["webhook-signature"])
                place = chance.randrange(3, len(text))
                text[place] = chance.choice([c for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef0189+/=" if c != text[place]])
                headers["webhook-signature"] = "".join(text)
            case 2:
                headers["webhook-signature"] = other.sign("msg_1", NOW, body.decode())
            case 3:
                headers["webhook-id"] = f"msg_{chance.randrange(2, 10**9)}"
            case 4:
                shift = chance.choice([-1, 1]) * chance.randrange(1, 10**6)
                headers["webhook-timestamp"] = str(int(NOW.timestamp()) + shift)
            case _:
                del headers[chance.choice(list(headers))]
        with pytest.raises(NotAdmitted):
            target.admit(headers, forged, NOW)


def test_yeastar_signs_the_body(gateway):
    target = gateway("yeastar-p")
    body = b'{"type":30008}'
    signature = base64.b64encode(hmac.new(SECRETS["env:YEASTAR"].encode(), body, hashlib.sha256).digest()).decode()
    target.admit({"x-signature": signature}, body, NOW)
    for headers, expected in [({}, Reason.SIGNATURE_MISSING), ({"x-signature": signature[::-1]}, "signature_wrong")]:
        with pytest.raises(NotAdmitted) as refused:
            target.admit(headers, body, NOW)
        assert reason(refused) == expected
    with pytest.raises(NotAdmitted):
        target.admit({"x-signature": signature}, body + b" ", NOW)


@pytest.mark.parametrize(
    "headers",
    [
        {"x-hotline-token": TOKEN},
        {"authorization": f"Bearer {TOKEN}"},
        {"authorization": "Basic " + base64.b64encode(f"om:{TOKEN}".encode()).decode()},
        {PATH: f"/api/v1/gateways/om-1/events?token={TOKEN}"},
    ],
)
@pytest.mark.parametrize("dialect", ["newrock-om", "yeastar-s", "openvox", "dinstar", "mapped"])
def test_a_device_that_cannot_sign_shows_its_token(gateway, dialect, headers):
    gateway(dialect).admit(headers, b"<Event/>", NOW)
    with pytest.raises(NotAdmitted):
        gateway(dialect).admit({}, b"<Event/>", NOW)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, Reason.TOKEN_MISSING),
        ({"authorization": "Basic %%%"}, Reason.TOKEN_MISSING),
        ({PATH: "/x?" + "&".join(["a=1"] * 99)}, Reason.TOKEN_MISSING),
        ({"x-hotline-token": TOKEN[:-1]}, Reason.TOKEN_WRONG),
        ({"x-hotline-token": "\udcff"}, Reason.TOKEN_WRONG),
    ],
)
def test_a_missing_or_wrong_token(gateway, headers, expected):
    with pytest.raises(NotAdmitted) as refused:
        gateway("newrock-om").admit(headers, b"<Event/>", NOW)
    assert reason(refused) == expected


def test_source_networks_hold_beside_the_token(gateway):
    target = gateway("newrock-om", networks=["10.1.0.0/24", "fd00::/8"])
    token = {"x-hotline-token": TOKEN}
    for peer in ("10.1.0.7", "::ffff:10.1.0.7", "fd00::1"):
        target.admit(token | {PEER: peer}, b"", NOW)
    for peer, expected in [("10.2.0.7", "network_not_allowed"), ("", "peer_unknown"), ("unix:", "peer_unknown")]:
        with pytest.raises(NotAdmitted) as refused:
            target.admit(token | {PEER: peer}, b"", NOW)
        assert reason(refused) == expected
    with pytest.raises(NotAdmitted):
        target.admit({PEER: "10.1.0.7"}, b"", NOW)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"dialect": "standard"}, "secrets"),
        ({"dialect": "newrock-om"}, "任何人"),
        ({"dialect": "newrock-om", "secrets": ["env:X"]}, "不会签名"),
        ({"dialect": "yeastar-p"}, "任何人"),
        ({"dialect": "yeastar-s"}, "任何人"),
        ({"dialect": "yeastar-s", "secrets": ["env:X"]}, "secrets：yeastar-s 不会签名"),
        ({"dialect": "openvox", "secrets": ["env:X"]}, "secrets：openvox 不会签名"),
        ({"dialect": "dinstar", "secrets": ["env:X"]}, "secrets：dinstar 不会签名"),
        ({"dialect": "mapped", "tokens": ["env:X"]}, "缺少 mapping"),
        ({"dialect": "mapped", "mapping": "x.toml"}, "任何人"),
        ({"dialect": "standard", "secrets": ["env:X"], "mapping": "x.toml"}, "standard 不需要映射文件"),
        ({"dialect": "nec"}, "newrock-om"),
        ({"dialect": "yeastar-p", "secrets": ["env:X"], "zone": "Mars/Olympus"}, "Mars/Olympus"),
        ({"dialect": "yeastar-p", "secrets": ["env:X"], "zone": "../etc/passwd"}, "zone"),
        ({"dialect": "standard", "secrets": ["env:X"], "retries": 3}, "retries"),
    ],
)
def test_settings_that_would_not_work_are_refused(keys, said):
    with pytest.raises(ValidationError, match=said):
        GatewaySettings.model_validate(keys)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_c2hvcnQ=", "whsec_!!!!", "plain text secret of some length"])
def test_a_weak_or_malformed_secret_is_a_settings_error(tmp_path: Path, secret: str):
    settings = GatewaySettings.model_validate({"secrets": ["env:X"]})
    with pytest.raises(Misconfigured):
        PLUGIN.build(AdapterName("gw"), settings, Site(state_dir=tmp_path, secret=lambda _: secret))
