"""Is a password good enough, and is it the right one?

Hashes are Argon2id with 19 MiB, 2 passes, 1 lane (OWASP Password Storage Cheat Sheet) and are computed in one thread of
their own: a burst of sign-ins waits in line there instead of slowing the calls down. What is easily guessed is told by
`zxcvbn` (30,000 common passwords, keyboard walks, dates, repeats) beside a few rules that it cannot know.
"""

from __future__ import annotations

import asyncio
import secrets
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError
from pwdlib.hashers.argon2 import Argon2Hasher

MIN_LENGTH: Final = 10
MAX_LENGTH: Final = 128
MIN_SCORE: Final = 3
"""zxcvbn: at least 10⁸ guesses."""

_SCORED_LENGTH: Final = 72
"""zxcvbn reads no more; what is beyond only makes the password better."""
_INITIAL_SIGNS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without those that look alike on paper (i l o 0 1)."""
_INITIAL_GROUPS: Final = 4
_INITIAL_GROUP: Final = 4
"""4 × 4 signs of 31: 79 bits."""


class Passwords:
    """Hashes and compares, one at a time, outside the event loop."""

    def __init__(self, *, memory_kib: int = 19 * 1024, passes: int = 2) -> None:
        self._hash = PasswordHash((Argon2Hasher(memory_cost=memory_kib, time_cost=passes, parallelism=1),))
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="passwords")
        self._nobody = self._hash.hash(secrets.token_hex(16))

    async def hash(self, password: str) -> str:
        """The text to store."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._hash.hash, _folded(password))

    async def verify(self, password: str, stored: str | None) -> bool:
        """Is it the one? `None` (nobody of that name) takes as long and is never right."""
        right = await asyncio.get_running_loop().run_in_executor(
            self._thread, self._verify, _folded(password), stored or self._nobody
        )
        return right and stored is not None

    async def weaknesses(self, password: str, *, work_number: str, name: str = "", hall: str = "") -> list[str]:
        """Why it may not be taken, in Chinese; empty when it may."""
        return await asyncio.get_running_loop().run_in_executor(
            self._thread, weaknesses, password, work_number, name, hall
        )

    def close(self) -> None:
        """Lets the thread end."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _verify(self, password: str, stored: str) -> bool:
        try:
            return self._hash.verify(password, stored)
        except UnknownHashError:
            return False


def initial() -> str:
    """A password for the first sign-in, easy to read out: `k7mq-x2vd-p9ah-w4nt`."""
    groups = ("".join(secrets.choice(_INITIAL_SIGNS) for _ in range(_INITIAL_GROUP)) for _ in range(_INITIAL_GROUPS))
    return "-".join(groups)


def weaknesses(password: str, work_number: str, name: str = "", hall: str = "") -> list[str]:
    """See `Passwords.weaknesses`. Takes milliseconds: not for the event loop."""
    if len(password) > MAX_LENGTH:
        return [f"密码不能超过 {MAX_LENGTH} 个字符。"]
    folded = _folded(password)
    found: list[str] = []
    if len(folded) < MIN_LENGTH:
        found.append(f"密码至少需要 {MIN_LENGTH} 个字符。")
    if folded.isdigit():
        found.append("密码不能全部是数字。")
    if work_number and work_number in folded:
        found.append("密码不能包含工号。")
    if len(set(folded)) < 5:
        found.append("密码中不同的字符太少。")
    if (
        not found
        and _score(folded, [work_number, name, hall, "hotline", "12348", "12345", "falv", "lvshi"]) < MIN_SCORE
    ):
        found.append("这个密码太容易被猜到：请避免常用密码、键盘顺序、日期和重复。")
    return found


def _score(password: str, known: list[str]) -> int:
    # Its word lists take memory that only a change of password needs.
    from zxcvbn import zxcvbn

    return int(zxcvbn(password[:_SCORED_LENGTH], user_inputs=[word for word in known if word])["score"])


def _folded(password: str) -> str:
    """The same signs from any keyboard: full-width letters of an input method count as the plain ones."""
    return unicodedata.normalize("NFKC", password)
