"""How many frames a second can one core read, dialect by dialect? Framing, decoding and the line book for what listens
at a wire; decoding for what a gateway pushes. No wire, no database: those are in `wire_journal.py` and `ports.py`."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any, Final

import msgspec

from adapters.errors import Undecodable
from adapters.registry import Site, build
from adapters.telephony import Decodes, Listens, Recalls
from hotline.bench import said
from hotline.bench.row import Row, quantiles
from hotline.bench.runs import Bench

CALLS: Final = 600
BEGAN: Final = datetime(2026, 3, 14, 1, 0, tzinfo=UTC)
WIRE: Final = "a"
SECRETS: Final = {"env:SECRET": said.SECRET, "env:TOKEN": said.TOKEN, "env:ESL": "x"}
SITE: Final = Site(state_dir=Path("/nonexistent"), secret=SECRETS.__getitem__)


class _Dialect(msgspec.Struct, frozen=True):
    name: str
    table: dict[str, Any]
    told: list[said.Said]
    wire: str | None
    """None: it is pushed, delivery by delivery."""


async def measure(bench: Bench) -> list[Row]:
    """A row for each dialect; every run goes through all of them."""
    calls = bench.calls or bench.size(CALLS, 3)
    dialects = _dialects(calls)
    facts = dict[str, int]()

    async def once() -> dict[str, list[float]]:
        took = dict[str, list[float]]()
        for each in dialects:
            took[each.name], facts[each.name] = _read(each)
        return took

    taken = await bench.median(once, lambda run: sum(map(sum, run.values())))
    rows: list[Row] = []
    for each in dialects:
        took, size = taken.value[each.name], sum(len(data) for data, _ in each.told) // 1024
        what = "组帧、解码与线路簿" if each.wire is not None else "解码"
        rows.append(
            Row(
                id="wire_frames",
                unit="µs",
                case=each.name,
                **quantiles([one * 1e6 for one in took], 1),
                rate=round(len(took) / sum(took)),
                others_cpu=taken.others,
                limited_by="Python 单核",
                note=f"{taken.note}；{what}，{calls} 通电话，{size} KB，{facts[each.name]} 个事实",
            )
        )
    return rows


def _dialects(calls: int) -> list[_Dialect]:
    listened = {"kind": "cti-serial", "max_age_days": 3650}
    socket = {"kind": "freeswitch", "password": "env:ESL", "queues": ["12348@default"], "numbers": ["12348"]}
    return [
        *(
            _Dialect(
                name,
                {**listened, "wires": {WIRE: {"url": "/dev/null", "dialect": name}}},
                said.line_calls(name, calls, BEGAN),
                WIRE,
            )
            for name in said.WIRES
        ),
        _Dialect("freeswitch", socket, said.freeswitch_calls(calls, BEGAN), "esl"),
        *(
            _Dialect(name, said.gateway_table(name), said.gateway_calls(name, calls, BEGAN), None)
            for name in said.GATEWAYS
        ),
    ]


def _read(dialect: _Dialect) -> tuple[list[float], int]:
    """Seconds that each frame took, from the last one's end on; and how many facts came of all of them."""
    adapter = build("bench", dialect.table, SITE)
    if not isinstance(adapter, Decodes):
        raise TypeError(f"{dialect.name} does not decode")
    if isinstance(adapter, Recalls):
        adapter.recall(())
    if dialect.wire is not None and isinstance(adapter, Listens):
        wire = dialect.wire
        frames = adapter.framed((wire, data, at) for data, at in dialect.told)
    else:
        frames = iter(dialect.told)
    took, facts = list[float](), 0
    began = perf_counter()
    for body, at in frames:
        with contextlib.suppress(Undecodable):  # lines between frames
            facts += len(adapter.decode(body, at).events)
        ended = perf_counter()
        took.append(ended - began)
        began = ended
    return took, facts
