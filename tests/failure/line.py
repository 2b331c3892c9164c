"""The service's end of `outside`: an adapter like any other, found by its entry point."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from pydantic import BaseModel

from adapters.errors import LinkDown, Refused
from adapters.registry import Plugin, Site
from adapters.telephony import Ability, AdapterName, Command, DeviceEvent, Hear, LinkUp, PortStatus

_FACTS = msgspec.json.Decoder(DeviceEvent)


class LineSettings(BaseModel):
    """`[adapters.NAME] kind = "outside"`"""

    socket: Path


class Line:
    """One connection at a time to the telephone system outside."""

    abilities = frozenset(Ability)

    def __init__(self, name: AdapterName, settings: LineSettings) -> None:
        self._name = name
        self._socket = settings.socket
        self._writer: asyncio.StreamWriter | None = None
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._ids = itertools.count(1)

    @property
    def name(self) -> AdapterName:
        """The name in the settings file."""
        return self._name

    async def run(self, hear: Hear) -> None:
        """Connect and report. Raises `LinkDown` when the system is gone or somebody else took the line."""
        try:
            reader, writer = await asyncio.open_unix_connection(self._socket, limit=2**22)
        except OSError as error:
            raise LinkDown(str(error)) from error
        try:
            writer.write(b"service\n")
            while line := await reader.readline():
                self._read(line, writer, hear)
            raise LinkDown("the line was closed")
        except ConnectionError as error:
            raise LinkDown(str(error)) from error
        finally:
            self._writer = None
            writer.close()
            for answer in self._answers.values():
                if not answer.done():
                    answer.set_exception(LinkDown("the line is gone"))
            self._answers.clear()

    async def do(self, command: Command) -> None:
        """Carry out one command."""
        await self._ask("do", command=msgspec.to_builtins(command))

    async def ports(self) -> Sequence[PortStatus]:
        """Every live call."""
        return msgspec.convert((await self._ask("ports"))["ports"], list[PortStatus])

    async def _ask(self, what: str, **more: Any) -> dict[str, Any]:
        if self._writer is None:
            raise LinkDown("not connected")
        number = next(self._ids)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        self._writer.write(json.dumps({"id": number, "ask": what, **more}).encode() + b"\n")
        try:
            found = await answer
        finally:
            self._answers.pop(number, None)
        if "refused" in found:
            raise Refused(found["refused"])
        return found

    def _read(self, line: bytes, writer: asyncio.StreamWriter, hear: Hear) -> None:
        if line.startswith(b'{"fact":'):
            fact = _FACTS.decode(line[len(b'{"fact":') : line.rindex(b"}")])
            hear(msgspec.structs.replace(fact, heard_at=datetime.now(UTC)))
            return
        message = json.loads(line)
        if "ready" in message:
            self._writer = writer
            now = datetime.now(UTC)
            hear(LinkUp(adapter=self._name, event_id=f"up-{uuid.uuid4().hex}", at=now, heard_at=now))
            return
        answer = self._answers.get(message["id"])
        if answer is not None:
            with contextlib.suppress(asyncio.InvalidStateError):
                answer.set_result(message)


def build(name: AdapterName, settings: LineSettings, site: Site) -> Line:
    """The adapter."""
    return Line(name, settings)


PLUGIN = Plugin(kind="outside", settings=LineSettings, build=build)
