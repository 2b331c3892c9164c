"""What vendors and installers read is true: the fields, the sums, the examples."""

from __future__ import annotations

import json
import re
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook

from adapters.bridge import NewsKind
from adapters.bridges.fields import FIELDS
from adapters.bridges.incoming import case, news, standings
from adapters.bridges.mapping import BridgeMapping
from adapters.bridges.mapping_file import read_mapping
from adapters.bridges.peer_rows import tables
from adapters.bridges.peer_scenario import Fault, read_scenario
from adapters.bridges.signing import Doorkeeper, key_of
from tests.adapters.bridges.stage import NOW, build

BRIDGES = Path(__file__).parents[3] / "adapters" / "bridges"
VENDOR = (BRIDGES / "peer.md").read_text("utf-8")
README = (BRIDGES / "README.md").read_text("utf-8")


def fences(text: str, kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", text, re.DOTALL)


def test_every_field_is_told_as_it_is_sent() -> None:
    table = dict(re.findall(r"^\| `(\w+)` \| \S+ \| [^|]*?(?:≤ (\d+))? \| [①②③]* \|", VENDOR, re.MULTILINE))
    mapping = read_mapping(BRIDGES / "line12345" / "mapping.toml")
    assert {name: str(to.max or "") for name, to in mapping.fields.items()} == {
        name: most for name, most in table.items() if name in FIELDS
    }


@pytest.mark.parametrize(("kind", "sign"), [("line12345", "①"), ("line110", "②"), ("province", "③")])
def test_what_must_be_there_is_told(kind: str, sign: str) -> None:
    told = {
        name
        for name, signs in re.findall(r"^\| `(\w+)` \| \S+ \| [^|]* \| ([①②③]*) \|", VENDOR, re.MULTILINE)
        if sign in signs
    }
    mapping = read_mapping(BRIDGES / kind / "mapping.toml")
    assert told == {name for name, to in mapping.fields.items() if to.required}


def test_the_sample_signature_is_right() -> None:
    secret, body, name, stamp, signature = re.findall(
        r"密钥\s+(\S+)\nbody\s+(\S+)\nwebhook-id\s+(\S+)\nwebhook-timestamp\s+(\S+)\nwebhook-signature\s+(\S+ ?\S*)\n",
        VENDOR,
    )[0]
    at = datetime.fromtimestamp(int(stamp), UTC)
    assert Webhook(secret).sign(name, at, body) == signature
    headers = {"webhook-id": name, "webhook-timestamp": stamp, "webhook-signature": signature}
    Doorkeeper(keys=(key_of(secret, ""),)).check(headers, body.encode(), at)


def test_the_json_examples_are_read() -> None:
    handed, answer, listed, told, theirs, ours, mark = (json.loads(each) for each in fences(VENDOR, "json"))
    assert set(handed) <= set(FIELDS)
    assert set(answer["data"]) == {"key", "case_no"}
    mapping = read_mapping(BRIDGES / "line12345" / "mapping.toml")
    assert [each.key for each in standings(listed, mapping, NOW)] == [handed["key"]]
    (one,) = news(told, mapping, NOW).news
    assert (one.kind, one.by) == (NewsKind.RETURNED, "市场监管局")
    read = case(theirs, mapping)
    assert (read.key, read.their_no, read.facts) == ("A-20261123-17", "A-17", "拖欠工资三个月")
    assert [(each["type"], each["key"]) for each in ours["items"]] == [("done", read.key)]
    assert set(mark) == {"seq", "name", "bytes", "sha256", "key"}


def test_the_scenario_and_the_faults(tmp_path: Path) -> None:
    file = tmp_path / "s.toml"
    file.write_text(fences(VENDOR, "toml")[0], "utf-8")
    assert read_scenario(file).return_first
    assert all(f"`{fault}`" in VENDOR for fault in Fault)


def test_the_settings_in_the_readme_build(tmp_path: Path) -> None:
    for each in ("to-110", "from-110"):
        (tmp_path / each).mkdir()
    text = fences(README, "toml")[0].replace("/srv/gate", str(tmp_path))
    secrets = {
        "file:/run/secrets/city": "whsec_c29tZS1zZWNyZXQtb2YtdGhpcnR5LXR3by1ieXRlcyE=",
        "file:/run/secrets/court-database": "postgresql://u:p@127.0.0.1/x",
    }
    every: dict[str, dict[str, Any]] = tomllib.loads(text)["bridges"]
    assert {build(tmp_path, table, **secrets).name for table in every.values()} == {"city"}


def test_the_mapping_in_the_readme_reads(tmp_path: Path) -> None:
    file = tmp_path / "m.toml"
    file.write_text(fences(README, "toml")[1], "utf-8")
    assert isinstance(read_mapping(file), BridgeMapping)


def test_the_sql_is_what_the_simulator_makes() -> None:
    sql = (BRIDGES / "table" / "tables.sql").read_text("utf-8")
    _, *made = tables()
    for table in made:
        body = re.search(rf"CREATE TABLE {table.name} \((.*?)\n\);", sql, re.DOTALL)
        assert body is not None
        names = re.findall(r"^    (\w+) ", body[1], re.MULTILINE)
        assert names == [column.name for column in table.columns]
