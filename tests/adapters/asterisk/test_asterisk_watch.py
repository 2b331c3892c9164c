"""A supervisor on somebody's call: listens, whispers, barges in, and goes from one to the other without redialling."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.asterisk.rig import Rig
from adapters.errors import Refused
from adapters.telephony import CallReleased, OfferId, Release, SeatReleased, StopRinging
from tests.adapters.asterisk.stage import listens, stage, stage_rig, whispers

pytestmark = pytest.mark.asterisk


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    with stage_rig(tmp_path_factory.mktemp("watch")) as started:
        yield started


async def test_from_one_to_the_other(rig: Rig, tmp_path: Path) -> None:
    """Listening is not heard by anybody, a whisper by the lawyer alone, and the supervisor's phone rings once."""
    async with stage(rig, tmp_path) as on:
        await on.caller_rings()
        await on.takes("ann")
        await on.arrange("ann")
        await on.joined("ann")
        await on.takes("boss")
        listening, whispering = (listens("boss", "ann"),), (whispers("boss", "ann"),)
        await on.arrange("ann", watching=listening)
        await on.hear(caller="ann", ann="caller", boss="caller ann")
        assert (await on.port()).watching == listening
        await on.arrange("ann", watching=listening)
        await on.arrange("ann", watching=whispering)
        await on.hear(caller="ann", ann="caller boss", boss="caller ann")
        assert (await on.port()).watching == whispering
        await on.arrange("ann", "boss")
        await on.joined("boss")
        await on.hear(caller="ann boss", ann="caller boss", boss="caller ann")
        assert (await on.port()).watching == ()
        await on.arrange("ann", watching=listening)
        await on.hear(caller="ann", ann="caller", boss="caller ann")
        for modes in (whispering, listening) * 3:  # faster than anybody presses
            await on.arrange("ann", watching=modes)
        await on.hear(caller="ann", ann="caller", boss="caller ann")
        await on.arrange("ann")
        await on.hear(caller="ann", ann="caller", boss="music")
        assert len(on.phones["boss"].talks) == 1
        on.talks["boss"].hang_up()
        await on.ear.until(SeatReleased, lambda fact: fact.offer == "boss")
        await on.ear.do(Release(call=on.call))
        await on.ear.until(CallReleased)
        await on.nothing_left()


async def test_whoever_is_listened_to_changes(rig: Rig, tmp_path: Path) -> None:
    """The call goes to another lawyer: the supervisor stays with the call. On hold he hears what the lawyer hears."""
    async with stage(rig, tmp_path) as on:
        await on.caller_rings()
        await on.takes("ann")
        await on.takes("boss")
        await on.arrange("ann", watching=(listens("boss", "ann"),))
        await on.takes("ben")
        await on.arrange("ann", "ben", caller=False, watching=(listens("boss", "ann"),))
        await on.hear(caller="music", ann="ben", ben="ann", boss="ann ben")
        await on.arrange("ben", watching=(whispers("boss", "ben"),))
        await on.ear.do(StopRinging(call=on.call, offer=OfferId("ann")))
        await on.ear.until(SeatReleased)
        await on.hear(caller="ben", ben="caller boss", boss="caller ben")
        on.talks["ben"].hang_up()
        await on.ear.until(SeatReleased, lambda fact: fact.offer == "ben")
        await on.takes("ann", "ann-again")
        await on.arrange("ann-again", watching=(listens("boss", "ann-again"),))
        await on.hear(caller="ann", ann="caller", boss="caller ann")
        with pytest.raises(Refused):
            await on.arrange("ann-again", watching=(listens("boss", "nobody"),))
        await on.arrange("ann-again", watching=(listens("boss", "ann-again"),))
        await on.hear(caller="ann", ann="caller", boss="caller ann")
        on.talks["caller"].hang_up()
        await on.ear.until(CallReleased)
        await on.talks["boss"].until(lambda talk: talk.end == "hung_up_on")
        await on.nothing_left()


async def test_he_hangs_up_while_he_listens(rig: Rig, tmp_path: Path) -> None:
    async with stage(rig, tmp_path) as on:
        await on.caller_rings()
        await on.takes("ann")
        await on.takes("boss")
        await on.arrange("ann", watching=(whispers("boss", "ann"),))
        on.talks["boss"].hang_up()
        await on.ear.until(SeatReleased)
        await on.arrange("ann")
        await on.hear(caller="ann", ann="caller")
        await on.eventually(lambda: "watch~" not in rig.cli("bridge show all"), "his bridge is gone")
        await on.eventually(lambda: "Snoop" not in rig.cli("core show channels concise"), "his ear is gone")
        await on.ear.do(Release(call=on.call))
        await on.ear.until(CallReleased)
        await on.nothing_left()
