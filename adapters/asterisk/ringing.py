"""Whom do we ring, and how? Seats' phones, numbers outside, and the person whom an outbound call is for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum, auto
from typing import Final

from adapters.asterisk.commands import Desk, drop, expect, together
from adapters.asterisk.ids import leg_id, next_number
from adapters.asterisk.lines import Kind, Leg, Sound
from adapters.asterisk.rest import part
from adapters.asterisk.settings import AsteriskSettings
from adapters.errors import Refused, Unsupported
from adapters.telephony import OfferId, PhoneKind, PlaceCall, RingOutside, RingSeat

QUESTION: Final = "accept-by-1"
"""The announcement that a mobile hears when it is picked up."""
CODECS: Final = "alaw,ulaw"
"""Where no caller's channel says what it speaks."""
PICKS_UP_ITSELF: Final = {
    "PJSIP_HEADER(add,Call-Info)": "<sip:hotline>;answer-after=0",
    "PJSIP_HEADER(add,Alert-Info)": "<http://hotline>;info=alert-autoanswer;delay=0",
}
"""What desk phones of several makes understand as "answer at once" (Call-Info: Snom, Grandstream; Alert-Info: Yealink,
Fanvil, Polycom); each must be told in its own settings to obey."""

_EXTENSION = re.compile(r"[A-Za-z0-9_-]{1,32}")
_NUMBER = re.compile(r"[0-9]{1,20}")
_UNFIT_TO_SHOW = re.compile(r'[<>"\\,;\x00-\x1f\x7f]')


class Rung(Enum):
    """What came of ringing somebody."""

    RINGS = auto()
    NO_PHONE = auto()
    NO_CALLER = auto()
    """The caller has just gone; his end is on its way to us."""


def kind_of(command: RingSeat | RingOutside) -> Kind:
    """Whose leg it will be."""
    if isinstance(command, RingOutside):
        return Kind.OUTSIDE
    return Kind.MOBILE if command.phone.kind is PhoneKind.MOBILE else Kind.SEAT


async def ring(desk: Desk, command: RingSeat | RingOutside) -> Rung:
    """Ring a seat's phone or a number outside. Asterisk's word for a phone that is not registered is a bare 500.

    The headers let a browser phone tell which offer it is ringing for.
    """
    kind = kind_of(command)
    # The caller's own record tells the call; one for each ringing phone would only cost time.
    marks = {"CDR_PROP(disable)": "1"}
    if kind is Kind.SEAT:
        marks |= {"PJSIP_HEADER(add,X-Hotline-Offer)": command.offer, "PJSIP_HEADER(add,X-Hotline-Call)": desk.call}
        shown = command.caller_shown if isinstance(command, RingSeat) else ""
        if isinstance(command, RingSeat) and command.expected:
            desk_phone = command.phone.kind is PhoneKind.DESK
            marks |= PICKS_UP_ITSELF if desk_phone else {"PJSIP_HEADER(add,X-Hotline-Expected)": "1"}
    else:
        marks["HOTLINE_LEG"] = "mobile" if kind is Kind.MOBILE else "outside"
        shown = desk.settings.outside_caller
    query = _originate(desk.settings, dial_string(desk.settings, command), "seat", shown, command.seconds)
    if desk.line.placed:
        query["formats"] = CODECS
    else:
        query["originator"] = desk.call
    legs, path = desk.line.legs, f"channels/{part(leg_id(desk.call, command.offer))}"
    legs.setdefault(command.offer, Leg(kind=kind))
    reply = await desk.rest.call("POST", path, query, {"variables": marks})
    if not reply.ok and reply.status != 409:
        legs.pop(command.offer, None)
    if reply.status == 500:
        return Rung.NO_PHONE
    if reply.status == 400 and "riginator" in reply.said:
        return Rung.NO_CALLER
    expect(reply, done=(409,))
    return Rung.RINGS


async def place(desk: Desk, command: PlaceCall) -> Rung:
    """Ring whom the call is for; legs that are up hear it ring. His channel's id is the call's key."""
    query = _originate(
        desk.settings,
        outside_string(desk.settings, command.number),
        "placed",
        desk.settings.outside_caller,
        command.seconds,
    )
    query["formats"] = CODECS
    desk.line.dialling = True
    reply = await desk.rest.call(
        "POST", f"channels/{part(desk.call)}", query, {"variables": {"CDR(userfield)": "hall"}}
    )
    if not reply.ok and reply.status != 409:
        desk.line.dialling = False
    if reply.status == 500:
        return Rung.NO_PHONE
    expect(reply, done=(409,))
    if not desk.line.up:
        await together(*(ring_tone(desk, offer, leg) for offer, leg in desk.line.legs.items() if leg.answered))
    return Rung.RINGS


async def ring_tone(desk: Desk, offer: OfferId, leg: Leg) -> None:
    """Let a leg hear that it rings at the other end."""
    if leg.sound is not Sound.RINGING:
        expect(await desk.rest.call("POST", f"{desk.leg(offer)}/ring"), done=(404, 409))
        leg.sound = Sound.RINGING


async def ask(desk: Desk, offer: OfferId, leg: Leg) -> None:
    """Ask whoever picked a mobile up to press 1. Under an id of its own, since its end is nobody's news."""
    question = leg.question = f"ask~{desk.call}~{offer}~{next_number()}"
    media = f"sound:{desk.settings.prompts / QUESTION}"
    expect(
        await desk.rest.call("POST", f"{desk.leg(offer)}/play/{part(question)}", {"media": f"{media},{media}"}),
        done=(404, 409),
    )


async def accepted(desk: Desk, offer: OfferId, question: str) -> None:
    """The key 1 was pressed: stop asking, and note it on the leg for a later run of ours."""
    note = _note(desk, offer, {"variable": "HOTLINE_TAKEN", "value": "1"})
    await together(drop(desk.rest, f"playbacks/{part(question)}"), note)


def dial_string(settings: AsteriskSettings, command: RingSeat | RingOutside) -> str:
    """Technology and phone. Only letters, digits, `_` and `-` get in, so nothing can be smuggled behind the phone."""
    if isinstance(command, RingOutside):
        return outside_string(settings, command.number)
    kind, extension = command.phone.kind, command.phone.extension
    if kind is PhoneKind.SIMULATED:
        raise Unsupported("a simulated phone cannot be rung through Asterisk")
    if kind is PhoneKind.MOBILE:
        return outside_string(settings, extension)
    if not _EXTENSION.fullmatch(extension):
        raise Refused(f"{extension!r} is not an extension")
    template = settings.phones.get(kind.value)
    if template is None:
        raise Unsupported(f"no way to ring a {kind} phone is set")
    return template.replace("{extension}", extension)


def outside_string(settings: AsteriskSettings, number: str) -> str:
    """Technology, trunk and number. What the hall allows was checked there; this is the wall behind it, which also
    stands when the hall is wrong."""
    if not settings.outside:
        raise Unsupported("no way outside is set")
    if not _NUMBER.fullmatch(number) or not re.fullmatch(settings.outside_pattern, number):
        raise Refused("that number may not be rung from here")
    return settings.outside.replace("{number}", number)


def _originate(settings: AsteriskSettings, endpoint: str, args: str, shown: str, seconds: int) -> dict[str, str | int]:
    shown = _UNFIT_TO_SHOW.sub("", shown)[:64]
    return {
        "endpoint": endpoint,
        "app": settings.app,
        "appArgs": args,
        "callerId": f'"{shown}" <{re.sub("[^0-9*#+]", "", shown)}>' if shown else "",
        "timeout": seconds,
    }


async def _note(desk: Desk, offer: OfferId, query: Mapping[str, str]) -> None:
    expect(await desk.rest.call("POST", f"{desk.leg(offer)}/variable", query), done=(404, 409))
