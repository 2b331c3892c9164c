"""What does a telephone on the wire do when told to, step by step? A SIP user agent (RFC 3261, UDP) in this process.

SIPp plays many callers by the clock; a handset plays one person who can be told in the middle of the call to hold, to
press keys, to vanish. Loopback loses nothing, so it repeats no message.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from itertools import count
from typing import Final, cast

from adapters.asterisk.rig.rtp import Rtp

STATUS: Final = {100: "Trying", 180: "Ringing", 183: "Session Progress", 200: "OK", 486: "Busy Here", 603: "Decline"}
_numbers = count(1)


class Talk:
    """One call of a handset, from the INVITE on."""

    def __init__(self, handset: Handset, call_id: str, sound: Rtp, port: int, peer: tuple[str, int]) -> None:
        self.sound = sound
        self.invite: Mapping[str, str] = {}
        """Headers of the INVITE that came, by lower-case name."""
        self.number = ""
        """Whom the INVITE is for."""
        self.end = ""
        """cancelled, hung_up_on, hung_up or refused:CODE; empty while it goes on."""
        self.up = False
        self.rings = False
        self.deaf = False
        """It answers nothing any more, as after a power cut."""
        self.replies: list[tuple[str, int]] = []
        """Answers to our own requests: method, status."""
        self._handset = handset
        self._id = call_id
        self._port = port
        self._peer = peer
        self._ours, self._theirs, self._target = "", "", f"sip:{peer[0]}:{peer[1]}"
        self._via = ""
        self._sequence = 0
        self._invite_sequence = 1
        self._more = asyncio.Event()

    async def until(self, when: Callable[[Talk], bool], seconds: float = 8.0) -> None:
        """Wait for something to be true of it."""
        try:
            async with asyncio.timeout(seconds):
                while not when(self):
                    self._more.clear()
                    await self._more.wait()
        except TimeoutError:
            state = f"up {self.up}, rings {self.rings}, end {self.end!r}, replies {self.replies}"
            raise AssertionError(f"handset {self._handset.name}: not within {seconds} s; {state}") from None

    # ── called ──

    def ring(self) -> None:
        """180."""
        self._reply(180)

    def progress(self) -> None:
        """183 with sound before the answer (early media)."""
        self._reply(183, sdp=True)
        self._speak(self.invite.get("", ""))

    def answer(self) -> None:
        """Pick up."""
        self._reply(200, sdp=True)
        self._speak(self.invite.get("", ""))
        self.up = True
        self._more.set()

    def refuse(self, code: int = 486) -> None:
        """Do not take it."""
        self._reply(code)
        self._over(f"refused:{code}")

    # ── either ──

    def press(self, digits: str) -> None:
        """Press keys (RFC 4733)."""
        self.sound.press(digits)

    def hang_up(self) -> None:
        """BYE."""
        self._request("BYE")
        self._over("hung_up")

    def cancel(self) -> None:
        """Give up before the answer."""
        self._handset.send(self._lines(f"CANCEL sip:{self.number}@{self._peer[0]}:{self._peer[1]}", "CANCEL", 1), self)

    def hold(self) -> None:
        """The phone's own hold key: a re-INVITE with sendonly."""
        self._request("INVITE", sdp="sendonly")

    def resume(self) -> None:
        """The phone's own hold key again."""
        self._request("INVITE", sdp="sendrecv")

    def refer(self, target: str) -> None:
        """The phone's own transfer key."""
        self._request("REFER", f"Refer-To: <sip:{target}@{self._peer[0]}>")

    def vanish(self) -> None:
        """No sound and no answer from now on, as when its power or its network is gone."""
        self.deaf, self.sound.sends = True, False

    # ── inside ──

    def _speak(self, sdp: str) -> None:
        address, port = re.search(r"^c=IN IP4 (\S+)", sdp, re.M), re.search(r"^m=audio (\d+)", sdp, re.M)
        keys = re.search(r"^a=rtpmap:(\d+) telephone-event", sdp, re.M)
        if keys:
            self.sound.keys_kind = int(keys[1])
        if address and port and not self.deaf:
            self.sound.speak_to((address[1], int(port[1])))

    def _over(self, end: str) -> None:
        self.end = self.end or end
        self.up = self.rings = False
        self.sound.sends = False
        self._more.set()

    def _called(self, first: str, headers: Mapping[str, str]) -> None:
        found = re.match(r"INVITE sip:([^@;>]+)@", first)
        self.number, self.invite = found[1] if found else "", headers
        self._via, self._theirs = headers["via"], headers["from"]
        self._ours = f"{headers['to']};tag=h{next(_numbers)}"
        self._invite_sequence = int(headers["cseq"].split()[0])
        self._follow(headers)

    def _follow(self, headers: Mapping[str, str]) -> None:
        if contact := re.search(r"<([^>]+)>", headers.get("contact", "")):
            self._target = contact[1]

    def _reply(self, code: int, *, sdp: bool = False) -> None:
        lines = [
            f"SIP/2.0 {code} {STATUS.get(code, 'No')}",
            f"Via: {self._via}",
            f"From: {self._theirs}",
            f"To: {self._ours}",
            f"Call-ID: {self._id}",
            f"CSeq: {self._invite_sequence} INVITE",
            f"Contact: <sip:{self._handset.name}@{self._handset.address[0]}:{self._handset.address[1]}>",
        ]
        self._handset.send([*lines, *self._body("sendrecv" if sdp else "")], self)

    def _request(self, method: str, *more: str, sdp: str = "") -> None:
        self._sequence = max(self._sequence, 1) + 1
        self._handset.send(
            [*self._lines(f"{method} {self._target}", method, self._sequence)[:-2], *more, *self._body(sdp)], self
        )

    def _lines(self, first: str, method: str, sequence: int) -> list[str]:
        here = f"{self._handset.address[0]}:{self._handset.address[1]}"
        # A CANCEL belongs to the INVITE's transaction: the same branch.
        branch = f"z9hG4bK{self._id.replace('@', '.')}.{'INVITE' if method == 'CANCEL' else method}.{sequence}"
        return [
            f"{first} SIP/2.0",
            f"Via: SIP/2.0/UDP {here};branch={branch}",
            f"From: {self._ours}",
            f"To: {self._theirs}",
            f"Call-ID: {self._id}",
            f"CSeq: {sequence} {method}",
            f"Contact: <sip:{self._handset.name}@{here}>",
            "Max-Forwards: 70",
            *self._body(""),
        ]

    def _body(self, way: str) -> list[str]:
        if not way:
            return ["Content-Length: 0", ""]
        address = self._handset.address[0]
        keys = self.sound.keys_kind
        sdp = "\r\n".join([
            *("v=0", f"o=handset 1 {next(_numbers)} IN IP4 {address}", "s=-", f"c=IN IP4 {address}", "t=0 0"),
            *(f"m=audio {self._port} RTP/AVP 8 {keys}", "a=rtpmap:8 PCMA/8000"),
            *(f"a=rtpmap:{keys} telephone-event/8000", f"a=fmtp:{keys} 0-15", "a=ptime:20", f"a={way}", ""),
        ])  # fmt: skip
        return ["Content-Type: application/sdp", f"Content-Length: {len(sdp)}", "", sdp]

    def _take(self, first: str, headers: Mapping[str, str]) -> None:
        if self.deaf:
            return
        method = first.split(" ")[0]
        if method == "SIP/2.0":
            self._answered(int(first.split(" ")[1]), headers)
        elif method == "BYE":
            self._handset.send(_ok(headers), self)
            self._over("hung_up_on")
        elif method == "CANCEL":
            self._handset.send(_ok(headers), self)
            self._reply(487)
            self._over("cancelled")
        elif method == "INVITE" and headers["via"] == self._via:
            pass  # the same once more, since it has not been answered yet
        elif method == "INVITE":  # a re-INVITE of the other side
            self._via, self._invite_sequence = headers["via"], int(headers["cseq"].split()[0])
            self._reply(200, sdp=True)
        elif method != "ACK":
            self._handset.send(_ok(headers), self)

    def _answered(self, code: int, headers: Mapping[str, str]) -> None:
        sequence, method = headers["cseq"].split()
        self.replies.append((method, code))
        if method == "INVITE" and code == 180:
            self.rings = True
        if method == "INVITE" and code in (183, 200):
            self._speak(headers.get("", ""))
        if method == "INVITE" and code >= 200:
            if code < 300:
                self._theirs = headers["to"]
                self._follow(headers)
                self.up = True
            target = self._target if code < 300 else f"sip:{self.number}@{self._peer[0]}:{self._peer[1]}"
            ack = self._lines(f"ACK {target}", "ACK", int(sequence))
            if code >= 300:
                ack[1] = f"Via: {headers['via']}"
                ack[3] = f"To: {headers['to']}"
                if not self.up:
                    self._over("gave_up" if code == 487 else f"refused:{code}")
            self._handset.send(ack, self)
        self._more.set()


class Handset(asyncio.DatagramProtocol):
    """A telephone at an address; whoever rings it is in `talks`."""

    def __init__(self, name: str, hertz: float | None) -> None:
        self.name = name
        self.hertz = hertz
        self.address = ("", 0)
        self.talks: list[Talk] = []
        self._by_id: dict[str, Talk] = {}
        self._transport: asyncio.DatagramTransport | None = None
        self._arrivals: set[asyncio.Task[None]] = set()
        self._more = asyncio.Event()

    async def rung(self, number: int = 1, seconds: float = 8.0) -> Talk:
        """The `number`-th call that came in; it rings from then on."""
        try:
            async with asyncio.timeout(seconds):
                while len(self.talks) < number:
                    self._more.clear()
                    await self._more.wait()
        except TimeoutError:
            raise AssertionError(f"handset {self.name}: {len(self.talks)} of {number} calls in {seconds} s") from None
        talk = self.talks[number - 1]
        if not talk.end and not talk.up:
            talk.ring()
        return talk

    async def picks_up(self, number: int = 1) -> Talk:
        """Like `rung`, and answered."""
        talk = await self.rung(number)
        talk.answer()
        return talk

    async def call(self, dialled: str, peer: tuple[str, int], headers: Mapping[str, str] | None = None) -> Talk:
        """Ring a number at that address."""
        talk = await self._open(f"{self.name}-{next(_numbers)}@{self.address[0]}", peer)
        talk.number = dialled
        talk._ours = f"<sip:{self.name}@{self.address[0]}:{self.address[1]}>;tag=h{next(_numbers)}"
        talk._theirs = f"<sip:{dialled}@{peer[0]}:{peer[1]}>"
        first = talk._lines(f"INVITE sip:{dialled}@{peer[0]}:{peer[1]}", "INVITE", 1)[:-2]
        more = [f"{name}: {value}" for name, value in (headers or {}).items()]
        self.send([*first, *more, *talk._body("sendrecv")], talk)
        return talk

    def send(self, lines: list[str], talk: Talk) -> None:
        """One message to the other side of that call."""
        if self._transport is not None:
            text = "\r\n".join(lines)
            self._transport.sendto(text.encode() if "\r\n\r\n" in text else f"{text}\r\n".encode(), talk._peer)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)  # the loop's own is one in all but name
        self.address = transport.get_extra_info("sockname")

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        head, _, body = data.decode("utf-8", "replace").partition("\r\n\r\n")
        first, *rest = head.split("\r\n")
        headers = {key.strip().lower(): value.strip() for key, _, value in (line.partition(":") for line in rest)}
        headers[""] = body
        talk = self._by_id.get(headers.get("call-id", ""))
        if talk is not None:
            talk._take(first, headers)
        elif first.startswith("INVITE "):
            task = asyncio.get_running_loop().create_task(self._arrive(first, headers, addr))
            self._arrivals.add(task)
            task.add_done_callback(self._arrivals.discard)
        elif first.startswith("OPTIONS ") and self._transport is not None:
            self._transport.sendto("\r\n".join(_ok(headers)).encode() + b"\r\n", addr)

    async def close(self) -> None:
        """Hang everything up and be gone."""
        for talk in self._by_id.values():
            if talk.up and not talk.deaf:
                talk.hang_up()
            await talk.sound.close()
        if self._transport is not None:
            self._transport.close()
        await asyncio.sleep(0)  # sockets are closed in the next round

    async def _arrive(self, first: str, headers: Mapping[str, str], addr: tuple[str, int]) -> None:
        talk = await self._open(headers["call-id"], addr)
        talk._called(first, headers)
        self.talks.append(talk)
        self._more.set()

    async def _open(self, call_id: str, peer: tuple[str, int]) -> Talk:
        sound = Rtp(self.hertz)
        talk = self._by_id[call_id] = Talk(self, call_id, sound, await sound.open(self.address[0]), peer)
        return talk


@asynccontextmanager
async def handset(name: str, address: tuple[str, int], hertz: float | None) -> AsyncIterator[Handset]:
    """A telephone for as long as the block runs; it speaks in that tone, or not at all."""
    loop = asyncio.get_running_loop()
    _, phone = await loop.create_datagram_endpoint(lambda: Handset(name, hertz), address)
    try:
        yield phone
    finally:
        await phone.close()


def _ok(headers: Mapping[str, str]) -> list[str]:
    return [
        "SIP/2.0 200 OK",
        *(f"{name.title()}: {headers[name]}" for name in ("via", "from", "to", "call-id", "cseq")),
        "Content-Length: 0",
        "",
    ]
