"""The driver host (驱动宿主): the only process that loads a card vendor's library.

`python -m adapters.card.host shp_a3 --library /usr/lib/libSHP_A3.so --config /etc/ShConfig.ini` speaks the lines of
`wire.py` on stdin and stdout and writes diagnostics to stderr. One thread calls the library and nothing else, so a
library that is not thread-safe is safe here; another reads the orders. What the library prints goes to stderr. The host
ends when its stdin closes, even if the library never returns; it is meant to be killed without regret.
"""

from __future__ import annotations

import argparse
import faulthandler
import os
import queue
import sys
import threading
import time
from collections.abc import Callable, Sequence
from typing import Final, assert_never

import msgspec

from adapters.card import keygoe, shp_a3
from adapters.card.binding import Card, CardError, Lacking, Opening
from adapters.card.wire import (
    ALIVE_SECONDS,
    LINE_BYTES,
    Alive,
    Answer,
    AnyOrder,
    HangUp,
    Look,
    PickUpLine,
    Play,
    Ready,
    Record,
    Ring,
    Room,
    SendDtmf,
    StopPlay,
    StopRecord,
    StopRing,
    Up,
    pack,
    read_order,
)

VENDORS: Final[dict[str, Callable[[Opening], Card]]] = {"shp_a3": shp_a3.open_card, "keygoe": keygoe.open_card}
PASSWORD: Final = "CARD_PASSWORD"
"""The environment variable with the password of the vendor's service: arguments can be seen by everybody."""
POLL_SECONDS: Final = 0.01
"""An order waits at most so long for the thread that waits for events."""
GOODBYE_SECONDS: Final = 1.0
"""After stdin has closed the library may take so long to close."""
NOT_OPENED, OVERLONG, STUCK = 3, 4, 5


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve one library until stdin closes. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="adapters.card.host")
    parser.add_argument("vendor", choices=sorted(VENDORS))
    parser.add_argument("--library", required=True)
    parser.add_argument("--config", default="")
    parser.add_argument("--server", default="")
    parser.add_argument("--user", default="")
    asked = parser.parse_args(arguments)
    faulthandler.enable(all_threads=False)  # says in which function of the library it died
    said, orders = _own_ends()
    opening = Opening(
        library=asked.library,
        config=asked.config,
        server=asked.server,
        user=asked.user,
        password=os.environ.pop(PASSWORD, ""),
    )
    waiting: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(orders, waiting), name="orders", daemon=True).start()
    try:
        card = VENDORS[asked.vendor](opening)
    except CardError as error:
        print(f"{asked.vendor}: {error}", file=sys.stderr)
        return NOT_OPENED
    try:
        channels = tuple(card.channels())
        _say(said, Ready(detail=f"{asked.vendor}, {len(channels)} channels", channels=channels, confers=card.confers))
        _serve(card, waiting, lambda what: _say(said, what))
    except BrokenPipeError:
        pass  # nobody listens any more
    finally:
        card.close()
    return 0


def carry_out(card: Card, order: AnyOrder) -> Answer:
    """One order, and what became of it."""
    try:
        match order:
            case PickUpLine():
                card.pick_up(order.channel)
            case HangUp():
                card.hang_up(order.channel)
            case Ring():
                card.ring(order.channel, order.shown)
            case StopRing():
                card.stop_ring(order.channel)
            case Play():
                card.play(order.channel, order.file, order.task, order.again)
            case StopPlay():
                card.stop_play(order.channel)
            case Record():
                card.record(order.channel, order.file, order.task, order.both, order.seconds)
            case StopRecord():
                card.stop_record(order.channel)
            case SendDtmf():
                card.send_keys(order.channel, order.digits)
            case Room():
                card.room(order.room, order.members)
            case Look():
                return Answer(id=order.id, channels=tuple(card.channels()))
            case _:
                assert_never(order)
    except CardError as error:
        return Answer(id=order.id, refused=str(error) or "refused", lacking=isinstance(error, Lacking))
    return Answer(id=order.id)


def _serve(card: Card, waiting: queue.SimpleQueue[bytes | None], say: Callable[[Up], None]) -> None:
    """What has happened is said before the next order is carried out, so an answer is never older than a sign."""
    alive_at = 0.0
    while True:
        try:
            line = waiting.get_nowait()
        except queue.Empty:
            pause = POLL_SECONDS
        else:
            if line is None:
                return
            try:
                order = read_order(line)
            except msgspec.MsgspecError as error:
                print(f"an order that cannot be read: {error}", file=sys.stderr)
            else:
                say(carry_out(card, order))
            pause = 0.0
        for sign in card.wait(pause):
            say(sign)
        if (now := time.monotonic()) >= alive_at:
            alive_at = now + ALIVE_SECONDS
            say(Alive())


def _own_ends() -> tuple[int, int]:
    """Where we speak and where we listen, out of the library's reach: what it prints to stdout goes to stderr."""
    said, orders = os.dup(1), os.dup(0)
    os.dup2(2, 1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    return said, orders


def _read(orders: int, waiting: queue.SimpleQueue[bytes | None]) -> None:
    """Orders as they come. When nobody gives any more, the process ends, whatever the library does."""
    with os.fdopen(orders, "rb") as lines:
        while line := lines.readline(LINE_BYTES + 1):
            if len(line) > LINE_BYTES:
                print("an order without end", file=sys.stderr)
                os._exit(OVERLONG)
            waiting.put(line)
    waiting.put(None)
    time.sleep(GOODBYE_SECONDS)
    os._exit(STUCK)


def _say(said: int, what: Up) -> None:
    line = pack(what)
    if len(line) > LINE_BYTES:
        print(f"{type(what).__name__} is too long to be said", file=sys.stderr)
        return
    while line:
        line = line[os.write(said, line) :]


if __name__ == "__main__":
    code = main()
    sys.stderr.flush()
    os._exit(code)  # the other thread still waits for orders, and a library may have threads of its own
