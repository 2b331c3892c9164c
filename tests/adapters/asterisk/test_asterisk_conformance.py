"""The checks of live calls that every adapter has to pass, against a real Asterisk with SIPp's phones and callers."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from adapters.asterisk.rig import Rig, RigOptions, running
from adapters.conformance_calls import NEEDED, LiveCheck, Scene, check_live
from adapters.telephony import Phone, PhoneKind
from tests.adapters.asterisk.ear import adapter_of

pytestmark = pytest.mark.asterisk


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    with running(RigOptions(desk=3, duty=False, prompts=False, outside=True)) as started:
        yield started


@pytest.mark.parametrize("check", NEEDED, ids=lambda check: check.__name__)
async def test_live_calls(check: LiveCheck, rig: Rig, tmp_path: Path) -> None:
    rig.phones("desk")
    rig.numbers_outside()
    numbers = count(13_900_000_000)

    async def ring_in() -> None:
        rig.callers(first=next(numbers))

    first, second, third = (Phone(PhoneKind.DESK, extension) for extension in rig.extensions())
    scene = Scene(phones=(first, second, third), ring_in=ring_in, outside="110")
    await check_live(adapter_of(rig, tmp_path), scene, check)
