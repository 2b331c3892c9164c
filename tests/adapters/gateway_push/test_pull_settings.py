"""What is wrong with a `[adapters.NAME.pull]` or a mapping's `[pull]`, said so that an installer can mend it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from gateway_samples import SECRETS, TOKEN

from adapters import registry
from adapters.errors import Misconfigured
from adapters.registry import Site

PULL = {"url": "https://10.1.0.20:8088", "username": "api", "password": "env:PULL"}
DINSTAR = {"kind": "gateway-push", "dialect": "dinstar", "tokens": ["env:TOKEN"]}


def secret(reference: str) -> str:
    if reference not in SECRETS:
        raise Misconfigured(f"没有 {reference}")
    return SECRETS[reference]


def built(table: dict[str, Any], tmp_path: Path) -> registry.TelephonyAdapter:
    return registry.build("gw-1", table, Site(state_dir=tmp_path, secret=secret))


@pytest.mark.parametrize(
    ("table", "complaint"),
    [
        (DINSTAR | {"pull": PULL | {"url": "10.1.0.20"}}, "pull.url：应为 http(s)://地址:端口"),
        (DINSTAR | {"pull": PULL | {"url": "http://a:b@10.1.0.20"}}, "不带路径、用户名和密码"),
        (DINSTAR | {"pull": PULL | {"url": "http://10.1.0.20:0"}}, "应为 http(s)://"),
        (DINSTAR | {"pull": {"username": "a", "password": "env:PULL"}}, "缺少 pull.url"),
        (DINSTAR | {"pull": PULL | {"password": ""}}, "缺少 username 或 password"),
        (DINSTAR | {"pull": PULL | {"password": "env:NOWHERE"}}, "pull.password：没有 env:NOWHERE"),
        (DINSTAR | {"pull": PULL | {"every_seconds": 5}}, "pull.every_seconds：不能小于 30"),
        (DINSTAR | {"pull": PULL | {"path": "api"}}, "pull.path：应为以 / 开头的路径"),
        (DINSTAR | {"pull": PULL | {"verify": "/nowhere.pem"}}, "pull.verify：读不到 /nowhere.pem"),
        (DINSTAR | {"pull": PULL | {"verify": "false"}}, "pull.verify：读不到 false"),
        (DINSTAR | {"pull": PULL | {"verify": str(Path(__file__))}}, "不是 PEM 格式的证书"),
        (DINSTAR | {"pull": PULL | {"every_second": 60}}, "没有 every_second 这一项，请删去或改正；是否应为"),
        (DINSTAR | {"pull": PULL | {"report_url": "x/gateways/y"}}, "report_url 只用于 yeastar-s"),
        (DINSTAR | {"dialect": "newrock-om", "pull": PULL}, "newrock-om 没有公开的话单查询接口"),
        (DINSTAR | {"dialect": "yeastar-s", "pull": PULL}, "缺少 report_url"),
        (DINSTAR | {"dialect": "yeastar-s", "pull": PULL | {"report_url": "http://x"}}, "完整地址"),
        (
            DINSTAR | {"dialect": "yeastar-s", "tokens": [], "networks": ["10.0.0.0/8"]}
            | {"pull": PULL | {"report_url": "x/gateways/y?token={token}"}},
            "其中有 {token}，但没有写 tokens",
        ),
        (DINSTAR | {"dialect": "yeastar-p", "pull": PULL | {"time_format": "%H"}}, "pull.time_format：只能是 iso"),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_named(table: dict[str, Any], complaint: str, tmp_path: Path):
    with pytest.raises(Misconfigured) as wrong:
        built(table, tmp_path)
    assert complaint in str(wrong.value)
    assert str(wrong.value).startswith("[adapters.gw-1] ")
    assert SECRETS["env:PULL"] not in str(wrong.value)
    assert TOKEN not in str(wrong.value)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("[pull] ", "[pulls] ", "pulls：没有这一项"),
        ("{since}", "", "要有 {since}"),
        ('path = "/cdr', 'path = "cdr', "pull.path：格式不对"),
        ('auth = "basic"', 'auth = "ntlm"', "pull.auth：只能是 'none'"),
        ('auth = "basic"', 'body = "{since}"', '有 body 时 method 应为 "POST"'),
        ('time = "epoch-ms"  ', 'time = "%H"', "pull.time：只能是 iso"),
        ('say = "record"', "say = []", "请写一段 say 含 record 的 [[events]]"),
    ],
)
def test_a_wrong_mapping_is_named(mapped, old: str, new: str, complaint: str):
    with pytest.raises(Misconfigured) as wrong:
        mapped("json", (old, new), pull=PULL)
    assert complaint in str(wrong.value)


def test_a_mapping_that_says_nothing_of_a_list(mapped):
    with pytest.raises(Misconfigured, match=r"没有 \[pull\] 段"):
        mapped("form", pull=PULL)
    with pytest.raises(Misconfigured, match="缺少 password"):
        mapped("json", pull={"url": "http://10.1.0.20"})
    with pytest.raises(ValueError, match="path 写在映射文件的"):
        mapped("json", pull=PULL | {"path": "/x"})
