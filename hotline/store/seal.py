"""How are personal data kept unreadable in the database, and a number found again all the same?

Sealed values are AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce: `key-id length | key id | nonce | text+tag`.
The place of the value (table, column, row) is authenticated with it, so that a value copied to another row does not
open. Numbers are found by HMAC-SHA256 under a key of its own: there are only some 10¹¹ numbers, an unkeyed hash would
be undone by trying them all.

New values take the current key, older ones open with the key they name. With random nonces a key should not seal more
than 2³² values: at fifty calls a second, day and night, that is half a year; at a hall's usual load, decades.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Self

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hotline.calls.numbers import normalise
from hotline.store.errors import KeysUnusable, SealBroken

KEY_FILE: Final = "keys.json"
_NONCE_BYTES: Final = 12
_KEY_BYTES: Final = 32


class KeyRing(msgspec.Struct, frozen=True, kw_only=True):
    """What the key file holds, as JSON; keys are 32 bytes in base64."""

    current: str
    """Id of the key that new values take."""
    keys: Mapping[str, bytes]
    """Key id (1–32 ASCII letters, digits, `-`) → key. Old keys stay as long as values name them."""
    index: bytes
    """Key of the blind index. It cannot be changed without writing every index anew."""


class Seal:
    """Seals and opens values, and makes blind indexes."""

    __slots__ = ("_ciphers", "_current", "_index_key", "_prefix")

    def __init__(self, ring: KeyRing) -> None:
        _check(ring)
        self._ciphers = {name.encode(): AESGCM(key) for name, key in ring.keys.items()}
        self._current = self._ciphers[ring.current.encode()]
        self._prefix = bytes([len(ring.current)]) + ring.current.encode()
        self._index_key = ring.index

    @classmethod
    def from_file(cls, path: Path) -> Self:
        """Keys from a file that only its owner can read. Raises KeysUnusable."""
        return cls(read_keys(path))

    @classmethod
    def from_state(cls, state_dir: Path) -> Self:
        """Keys from the state directory, made there at the first start. Raises KeysUnusable."""
        return cls(read_or_make_keys(state_dir / KEY_FILE))

    def seal(self, text: str, aad: bytes) -> bytes:
        """The text, sealed for the place that `aad` names (see `place`)."""
        return self.seal_bytes(text.encode("utf-8", "surrogatepass"), aad)

    def seal_bytes(self, value: bytes, aad: bytes) -> bytes:
        """Like `seal`, for bytes."""
        nonce = os.urandom(_NONCE_BYTES)
        return self._prefix + nonce + self._current.encrypt(nonce, value, aad)

    def open(self, blob: bytes, aad: bytes) -> str:
        """The text that was sealed for this place. Raises SealBroken."""
        return self.open_bytes(blob, aad).decode("utf-8", "surrogatepass")

    def open_bytes(self, blob: bytes, aad: bytes) -> bytes:
        """Like `open`, for bytes."""
        if not blob:
            raise SealBroken
        start = 1 + blob[0]
        cipher = self._ciphers.get(blob[1:start])
        if cipher is None:
            raise SealBroken(f"密文所用的密钥 {blob[1:start].decode('ascii', 'replace')} 不在密钥文件中。")
        try:
            return cipher.decrypt(blob[start : start + _NONCE_BYTES], blob[start + _NONCE_BYTES :], aad)
        except (InvalidTag, ValueError) as error:
            raise SealBroken from error

    def index(self, number: str) -> bytes:
        """The blind index (32 bytes) of a caller's number, however it is written."""
        return hmac.digest(self._index_key, (normalise(number) or "").encode(), hashlib.sha256)

    def sign(self, purpose: str, message: bytes) -> bytes:
        """A signature (32 bytes) that only this site can make; one for another purpose is another.

        Numbers hold no letters, so none of these is ever the index of one.
        """
        return hmac.digest(self._index_key, f"sign|{purpose}|".encode() + message, hashlib.sha256)


def place(table: str, column: str, row: str) -> bytes:
    """What authenticates a value's place: `table|column|row`."""
    return f"{table}|{column}|{row}".encode("utf-8", "surrogatepass")


def make_keys() -> KeyRing:
    """Fresh keys."""
    return KeyRing(current="k1", keys={"k1": secrets.token_bytes(_KEY_BYTES)}, index=secrets.token_bytes(_KEY_BYTES))


def read_keys(path: Path) -> KeyRing:
    """The keys in a file that only its owner (or its group, as service managers set it up) can read."""
    try:
        if path.stat().st_mode & 0o027:
            raise KeysUnusable(f"密钥文件 {path} 可被其他用户访问，请执行 chmod 600 {path}。")
        ring = msgspec.json.decode(path.read_bytes(), type=KeyRing)
    except OSError as error:
        raise KeysUnusable(f"无法读取密钥文件 {path}：{error.strerror}") from error
    except msgspec.DecodeError as error:
        raise KeysUnusable(f"密钥文件 {path} 已损坏。请从备份恢复；没有它，已保存的号码无法读出。") from error
    _check(ring)
    return ring


def read_or_make_keys(path: Path) -> KeyRing:
    """The keys in the file, made first when there is none. Two processes that start at once get the same keys."""
    if path.exists():
        return read_keys(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f"{path.name}.{os.getpid()}.new")
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(msgspec.json.encode(make_keys()))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(aside, path)  # fails when another process was first: its keys count
        except FileExistsError:
            return read_keys(path)
    finally:
        aside.unlink()
    directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    os.fsync(directory)
    os.close(directory)
    return read_keys(path)


def _check(ring: KeyRing) -> None:
    if ring.current not in ring.keys:
        raise KeysUnusable(f"密钥文件中没有当前密钥 {ring.current}。")
    for name in ring.keys:
        if not (1 <= len(name) <= 32 and name.isascii() and name.replace("-", "").isalnum()):
            raise KeysUnusable(f"密钥编号 {name!r} 只能由 1 至 32 个字母、数字和连字符组成。")
    if any(len(key) != _KEY_BYTES for key in (*ring.keys.values(), ring.index)):
        raise KeysUnusable(f"密钥长度必须是 {_KEY_BYTES} 字节。")
    if ring.index in ring.keys.values():
        raise KeysUnusable("索引密钥不能与加密密钥相同。")
