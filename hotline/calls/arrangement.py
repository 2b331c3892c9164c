"""Who hears whom on a call? A function of the call, so that the device can be told, and be told again, at any time."""

from __future__ import annotations

from adapters.telephony import Arrange, OfferId, Watch
from hotline.calls.call import CONNECTED, Call, CallState
from hotline.calls.party import WATCHING, Part


def arrangement(call: Call) -> Arrange | None:
    """The picture for the device; None while the caller is with nobody."""
    if call.state not in CONNECTED:
        return None
    room: list[OfferId] = []
    if call.seat is not None and call.offer is not None:
        room.append(call.offer)
    for party in call.parties:
        with_everybody = party.part in (Part.JOINED, Part.BARGING)
        consulted = party.part is Part.CONSULTED and call.state is CallState.HELD
        if party.up and (with_everybody or consulted):
            room.append(party.offer)
    seat = call.offer if call.seat is not None else None
    watching = tuple(
        Watch(offer=party.offer, at=seat, mode=WATCHING[party.part])
        for party in call.parties
        if party.up and party.part in WATCHING and seat is not None
    )
    return Arrange(
        call=call.key,
        room=tuple(room),
        caller=call.state is CallState.TALKING or (call.state is CallState.HANDING_OVER and bool(room)),
        muted=(seat,) if call.muted and seat is not None else (),
        watching=watching,
    )
