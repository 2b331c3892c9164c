"""The framing: published bytes, in any pieces, among garbage, and what is refused."""

from __future__ import annotations

from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.freeswitch import esl
from adapters.freeswitch.esl import Message, Noise, Stream
from adapters.freeswitch.simulated_calls import message
from adapters.reading import Unreadable
from tests.adapters.freeswitch import samples
from tests.adapters.freeswitch.hearing import script


def cut(*pieces: bytes) -> list[Message | Noise]:
    stream = Stream()
    return [found for piece in pieces for found in stream.feed(piece)]


def test_signing_in_as_published() -> None:
    request, accepted = cut(samples.AUTH_REQUEST + samples.ACCEPTED)
    assert isinstance(request, Message)
    assert request.kind == "auth/request"
    assert isinstance(accepted, Message)
    assert (accepted.kind, accepted.reply) == ("command/reply", "+OK accepted")


def test_the_inner_length_of_a_job_is_not_the_outer_one() -> None:
    job, behind = cut(samples.BACKGROUND_JOB + samples.AUTH_REQUEST)
    assert isinstance(job, Message)
    assert len(job.body) == 582
    event = esl.read(job.body)
    assert event.name == "BACKGROUND_JOB"
    assert event.first("job-command-arg") == "sofia/default/1005 '&park'"
    assert event.first("event-date-timestamp") == "1209685023894968"
    assert event.first("content-length") == "41"
    assert isinstance(behind, Message)
    assert behind.kind == "auth/request"


def test_rejected_and_dismissed_as_published() -> None:
    rude, bye = cut(samples.RUDE + samples.GOODBYE)
    assert isinstance(rude, Message)
    assert (rude.kind, rude.body) == ("text/rude-rejection", b"Access Denied, go away.\n")
    assert isinstance(bye, Message)
    assert bye.kind == "text/disconnect-notice"
    assert len(bye.body) == 67
    found = cut(samples.RUDE_WITHOUT_COLON)
    assert [each.kind for each in found if isinstance(each, Message)] == ["text/rude-rejection"]


def test_published_events_are_read() -> None:
    created = esl.read(samples.CHANNEL_CREATE)
    assert (created.name, created.uuid) == ("CHANNEL_CREATE", "d0b1da34-a727-11e4-9728-6f83a2e5e50a")
    assert created.first("Caller-Destination-Number".lower()) == "101"
    assert created.first("freeswitch-ipv6") == "::1"
    beat = esl.read(samples.HEARTBEAT)
    assert beat.first("event-info") == "System Ready"
    assert beat.first("freeswitch-version") == "1.5.15b+git~20141226T052811Z~0a66db6f12~64bit"
    assert esl.read(samples.TERMINATED).first("event-subclass") == "callcenter::info"


STREAM = samples.AUTH_REQUEST + samples.ACCEPTED + samples.BACKGROUND_JOB + samples.GOODBYE


@pytest.mark.parametrize("ends", [b"\n", b"\r\n"])
def test_the_same_at_every_cut(ends: bytes) -> None:
    head, _, rest = STREAM.partition(b"\n\n")
    said = head.replace(b"\n", ends) + ends + ends + rest
    whole = cut(said)
    assert len(whole) == 4
    assert all(isinstance(each, Message) for each in whole)
    for at in range(len(said) + 1):
        assert cut(said[:at], said[at:]) == whole
    assert cut(*(said[at : at + 1] for at in range(len(said)))) == whole


def test_order_and_case_do_not_matter() -> None:
    said = b"CONTENT-TYPE:text/event-plain\ncontent-length:   3\nX-More: 1\n\nabc"
    (found,) = cut(said)
    assert isinstance(found, Message)
    assert (found.kind, found.body) == ("text/event-plain", b"abc")


@pytest.mark.parametrize(
    "length", ["1048577", "999999999", "99999999999999999999999", "-1", "0x10", "1e3", "١٢", "12 34", "+5"]
)
def test_an_impossible_length_is_refused_and_the_next_message_found(length: str) -> None:
    found = cut(f"Content-Length: {length}\nContent-Type: text/event-plain\n\n".encode() + samples.ACCEPTED)
    assert [each.kind for each in found if isinstance(each, Message)] == ["command/reply"]
    assert [each.reason for each in found if isinstance(each, Noise)] == ["an impossible length"]


def test_two_lengths_are_refused() -> None:
    found = cut(b"Content-Length: 5\nContent-Length: 500\n\n" + samples.ACCEPTED)
    assert [each.kind for each in found if isinstance(each, Message)] == ["command/reply"]


@pytest.mark.parametrize("endless", [b"A" * 100, b"X-Header: 1\n" * 10, b"\x00", b"[[[["])
def test_what_it_holds_is_bounded(endless: bytes) -> None:
    stream = Stream()
    for _ in range(20_000 // len(endless) * 4):
        stream.feed(endless)
        assert len(stream._bytes) <= esl.MOST_LINE_BYTES  # pyright: ignore[reportPrivateUsage]
        assert len(stream._headers) < 4  # pyright: ignore[reportPrivateUsage]


def test_many_headers_are_refused() -> None:
    block = b"".join(b"X-%d: 1234567890\n" % number for number in range(3_000))
    found = cut(block + b"\n" + samples.ACCEPTED)
    assert [each.kind for each in found if isinstance(each, Message)] == ["command/reply"]


@pytest.mark.parametrize("body", [b"", b"\x00", b"\xff\xfe", b"no colon", b"a: b\n\nEvent-Name: CUSTOM\n", b":\n"])
def test_what_is_no_event(body: bytes) -> None:
    with pytest.raises(Unreadable):
        esl.read(body)


def test_a_value_cannot_smuggle_a_header() -> None:
    event = esl.read(b"Event-Name: CUSTOM\nCaller-Caller-ID-Name: a%0AUnique-ID%3A%20other%00\nUnique-ID: own\n")
    assert event.uuid == "own"
    assert event.first("caller-caller-id-name") == "aUnique-ID: other"


@settings(max_examples=80, deadline=None)
@given(st.lists(st.one_of(st.binary(max_size=60), st.sampled_from([samples.ACCEPTED, b"Content-Length: 4\n", b"\n"]))))
def test_any_bytes_are_cut_somehow(pieces: list[bytes]) -> None:
    assert cut(*pieces) == cut(b"".join(pieces))


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=400))
def test_any_body_is_an_event_or_is_not(body: bytes) -> None:
    try:
        event = esl.read(b"Event-Name: X\n" + body)
    except Unreadable:
        return
    assert not any(sign in value for value in event.headers.values() for sign in "\x00\n\r\x7f")


def test_what_the_simulator_says_is_read_back() -> None:
    said = [event for _, event in chain(script("answered"), script("transferred"))]
    found = cut(b"".join(map(message, said)))
    read = [esl.read(each.body) for each in found if isinstance(each, Message)]
    assert [dict(each.headers) for each in read] == [{k.lower(): v for k, v in event.items()} for event in said]
