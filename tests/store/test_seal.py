"""Sealed values open only where they belong; numbers are found however they are written."""

from __future__ import annotations

import base64
import os
import stat
from pathlib import Path

import msgspec
import pytest

from hotline.store.errors import KeysUnusable, SealBroken
from hotline.store.seal import KEY_FILE, KeyRing, Seal, make_keys, place, read_keys, read_or_make_keys

HERE = place("calls", "caller_sealed", "HZ-000000001")


def test_what_is_sealed_opens_again(seal: Seal) -> None:
    blob = seal.seal("13800138000 王先生", HERE)
    assert b"13800138000" not in blob
    assert seal.open(blob, HERE) == "13800138000 王先生"


def test_the_same_text_is_sealed_differently_each_time(seal: Seal) -> None:
    assert seal.seal("13800138000", HERE) != seal.seal("13800138000", HERE)


@pytest.mark.parametrize(
    "elsewhere",
    [
        place("calls", "caller_sealed", "HZ-000000002"),
        place("calls", "key", "HZ-000000001"),
        place("tickets", "caller_sealed", "HZ-000000001"),
    ],
)
def test_a_value_moved_elsewhere_does_not_open(seal: Seal, elsewhere: bytes) -> None:
    with pytest.raises(SealBroken):
        seal.open(seal.seal("13800138000", HERE), elsewhere)


def test_a_changed_value_does_not_open(seal: Seal) -> None:
    blob = seal.seal("13800138000", HERE)
    for at in range(len(blob)):
        changed = blob[:at] + bytes([blob[at] ^ 1]) + blob[at + 1 :]
        with pytest.raises(SealBroken):
            seal.open(changed, HERE)
    for length in range(len(blob)):
        with pytest.raises(SealBroken):
            seal.open(blob[:length], HERE)


def test_older_values_open_after_the_key_was_changed() -> None:
    old = make_keys()
    blob = Seal(old).seal("13800138000", HERE)
    new = msgspec.structs.replace(old, current="k2", keys={**old.keys, "k2": os.urandom(32)})
    assert Seal(new).open(blob, HERE) == "13800138000"
    assert Seal(new).seal("x", HERE).startswith(b"\x02k2")
    with pytest.raises(SealBroken, match="k2"):
        Seal(old).open(Seal(new).seal("x", HERE), HERE)


def test_a_number_has_one_index_however_it_is_written(seal: Seal) -> None:
    assert seal.index("+86 138-0013-8000") == seal.index("13800138000")
    assert seal.index("13800138000") != seal.index("13800138001")
    assert len(seal.index("13800138000")) == 32


def test_other_keys_give_other_indexes(seal: Seal) -> None:
    assert Seal(make_keys()).index("13800138000") != seal.index("13800138000")


def test_keys_are_made_once_and_only_for_the_owner(tmp_path: Path) -> None:
    first = read_or_make_keys(tmp_path / "state" / KEY_FILE)
    assert stat.S_IMODE((tmp_path / "state" / KEY_FILE).stat().st_mode) == 0o600
    assert read_or_make_keys(tmp_path / "state" / KEY_FILE) == first
    assert list((tmp_path / "state").iterdir()) == [tmp_path / "state" / KEY_FILE]
    blob = Seal.from_state(tmp_path / "state").seal("a", HERE)
    assert Seal.from_file(tmp_path / "state" / KEY_FILE).open(blob, HERE) == "a"


def test_a_key_file_open_to_others_is_refused(tmp_path: Path) -> None:
    path = tmp_path / KEY_FILE
    read_or_make_keys(path)
    path.chmod(0o644)
    with pytest.raises(KeysUnusable, match="chmod 600"):
        read_keys(path)


def test_a_missing_or_damaged_key_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(KeysUnusable, match="无法读取"):
        read_keys(tmp_path / KEY_FILE)
    (tmp_path / KEY_FILE).write_bytes(b'{"current": "k1"')
    (tmp_path / KEY_FILE).chmod(0o600)
    with pytest.raises(KeysUnusable, match="已损坏"):
        read_keys(tmp_path / KEY_FILE)


def test_keys_come_from_a_file_written_by_hand(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    key, index = (base64.b64encode(os.urandom(32)).decode() for _ in range(2))
    path.write_bytes(msgspec.json.encode({"current": "site-2026", "keys": {"site-2026": key}, "index": index}))
    path.chmod(0o640)
    blob = Seal.from_file(path).seal("a", HERE)
    assert blob.startswith(b"\x09site-2026")


@pytest.mark.parametrize(
    ("ring", "said"),
    [
        (KeyRing(current="k2", keys={"k1": bytes(32)}, index=bytes([1] * 32)), "k2"),
        (KeyRing(current="k1", keys={"k1": bytes(16)}, index=bytes([1] * 32)), "32"),
        (KeyRing(current="k1", keys={"k1": bytes(32)}, index=bytes(32)), "相同"),
        (KeyRing(current="键", keys={"键": bytes(32)}, index=bytes([1] * 32)), "字母"),
    ],
)
def test_useless_keys_are_refused(ring: KeyRing, said: str) -> None:
    with pytest.raises(KeysUnusable, match=said):
        Seal(ring)
