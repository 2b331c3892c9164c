"""What the service refuses to start with, and what it starts."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from hotline.runtime import open_runtime
from hotline.settings import HallTable, QueueTable, ServiceTable, Settings, SettingsWrong, load
from hotline.store.engine import Database
from hotline.store.errors import KeysUnusable
from hotline.store.ledger import HallStore
from hotline.store.seal import Seal
from tests.store.making import AT, a_call, born, leased


def site(state: Path, database_url: str) -> Settings:
    """One hall on that database."""
    hall = HallTable(label="厅", default_queue="q", queues={"q": QueueTable(label="q", groups=["g"])})
    return Settings(halls={"hz": hall}, database_url=SecretStr(database_url), service=ServiceTable(state_dir=state))


async def test_starts_on_an_external_database(tmp_path: Path, database_url: str) -> None:
    async with open_runtime(site(tmp_path, database_url)) as runtime:
        assert set(runtime.halls) == {"hz"}
        assert (tmp_path / "keys.json").stat().st_mode & 0o077 == 0


async def test_data_whose_keys_are_lost_are_not_taken_for_new(
    tmp_path: Path, database: Database, database_url: str, seal: Seal
) -> None:
    store = HallStore(database, seal, "HZ")
    lease = await leased(store)
    await store.commit(lease, AT, [born(a_call(1, caller="13800138000"))], lease.seq + 1)
    await store.close()
    with pytest.raises(KeysUnusable, match="备份"):
        async with open_runtime(site(tmp_path, database_url)):
            pass


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "halls"),
        ("[halls.a]\nlabel='x'\ndefault_queue='q'\n", "queues"),
        ("[halls.a]\nlabel='x'\ndefault_queue='zz'\n[halls.a.queues.q]\nlabel='q'\ngroups=['g']\n", "zz"),
        ("[halls.a]\nlabel='x'\ndefault_queue='q'\nqueue=1\n[halls.a.queues.q]\nlabel='q'\ngroups=['g']\n", "queue"),
        ("database_url = 'postgresql://u:p@h/d'\n", "HOTLINE_DATABASE_URL"),
        ("[halls.a\n", "无法读取"),
    ],
)
def test_wrong_settings_name_the_key(tmp_path: Path, text: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOTLINE_CONFIG", "unused")
    path = tmp_path / "hotline.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsWrong, match=said):
        load(path)


def test_missing_settings_file(tmp_path: Path) -> None:
    with pytest.raises(SettingsWrong, match="找不到"):
        load(tmp_path / "nothing.toml")
