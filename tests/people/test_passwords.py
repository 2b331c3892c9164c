"""Which passwords are taken, and what initial ones look like."""

from __future__ import annotations

import pytest

from hotline.people.passwords import MAX_LENGTH, Passwords, initial, weaknesses


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("aB3$xyz", "至少"),
        ("73019284617502", "数字"),
        ("７３０１９２８４６１７５０２", "数字"),
        ("kraken-1001-oak", "工号"),
        ("abababababab", "不同"),
        ("password1234", "猜到"),
        ("qwertyuiop[]", "猜到"),
        ("hotline12348", "猜到"),
        ("a" * (MAX_LENGTH + 1), "超过"),
        ("a😀" * 10, "不同"),
    ],
)
def test_refused(password: str, why: str) -> None:
    found = weaknesses(password, "1001", "王律师", "demo")
    assert any(why in each for each in found), found


@pytest.mark.parametrize(
    "password",
    ["kraken-velvet-19-oak", "x7#Kp2mQ9a", "北京欢迎你二零零八年", "correct horse battery", "Zq8!" + "vR5?nB" * 20],
)
def test_taken(password: str) -> None:
    assert weaknesses(password, "1001", "王律师", "demo") == []


def test_initial_passwords_are_good_and_never_the_same() -> None:
    made = [initial() for _ in range(200)]
    assert len(set(made)) == 200
    assert all(weaknesses(each, "1001") == [] for each in made)
    assert not set("ilo01") & set("".join(made))


async def test_full_width_letters_are_the_same_password() -> None:
    passwords = Passwords(memory_kib=64, passes=1)
    stored = await passwords.hash("kraken-velvet-19-oak")
    assert await passwords.verify("ｋｒａｋｅｎ－velvet-１９-oak", stored)
    assert not await passwords.verify("Kraken-velvet-19-oak", stored)
    assert not await passwords.verify("kraken-velvet-19-oak", "no hash at all")
    passwords.close()
