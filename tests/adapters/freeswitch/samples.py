"""What others have published of the event socket, byte for byte. Nothing of it was taken from a device here."""

from __future__ import annotations

from typing import Final

# signalwire/freeswitch-docs, event-socket: signing in.
AUTH_REQUEST: Final = b"Content-Type: auth/request\n\n"
ACCEPTED: Final = b"Content-Type: command/reply\nReply-Text: +OK accepted\n\n"

# signalwire/freeswitch-docs, event-socket: a job's event, with a length of its own inside.
BACKGROUND_JOB: Final = b"""Content-Length: 582
Content-Type: text/event-plain

Job-UUID: 7f4db78a-17d7-11dd-b7a0-db4edd065621
Job-Command: originate
Job-Command-Arg: sofia/default/1005%20'%26park'
Event-Name: BACKGROUND_JOB
Core-UUID: 42bdf272-16e6-11dd-b7a0-db4edd065621
FreeSWITCH-Hostname: ser
FreeSWITCH-IPv4: 192.168.1.104
FreeSWITCH-IPv6: 127.0.0.1
Event-Date-Local: 2008-05-02%2007%3A37%3A03
Event-Date-GMT: Thu,%2001%20May%202008%2023%3A37%3A03%20GMT
Event-Date-timestamp: 1209685023894968
Event-Calling-File: mod_event_socket.c
Event-Calling-Function: api_exec
Event-Calling-Line-Number: 609
Content-Length: 41

+OK 7f4de4bc-17d7-11dd-b7a0-db4edd065621
"""

# EvoluxBR/greenswitch, its tests: a caller comes in (values not encoded, as that version sends them; an extract).
CHANNEL_CREATE: Final = b"""Event-Name: CHANNEL_CREATE
Core-UUID: ed56dab6-a6fc-11e4-960f-6f83a2e5e50a
FreeSWITCH-Hostname: evoluxdev
FreeSWITCH-Switchname: evoluxdev
FreeSWITCH-IPv4: 172.16.7.69
FreeSWITCH-IPv6: ::1
Event-Date-Local: 2015-01-28 15:00:44
Event-Date-GMT: Wed, 28 Jan 2015 18:00:44 GMT
Event-Date-Timestamp: 1422468044671081
Event-Calling-File: switch_core_state_machine.c
Event-Calling-Function: switch_core_session_run
Event-Calling-Line-Number: 509
Event-Sequence: 3372
Channel-State: CS_INIT
Channel-Call-State: DOWN
Channel-State-Number: 2
Channel-Name: sofia/internal/100@192.168.50.4
Unique-ID: d0b1da34-a727-11e4-9728-6f83a2e5e50a
Call-Direction: inbound
Presence-Call-Direction: inbound
Channel-HIT-Dialplan: true
Channel-Presence-ID: 100@192.168.50.4
Channel-Call-UUID: d0b1da34-a727-11e4-9728-6f83a2e5e50a
Answer-State: ringing
Caller-Direction: inbound
Caller-Logical-Direction: inbound
Caller-Username: 100
Caller-Dialplan: XML
Caller-Caller-ID-Name: edev - 100
Caller-Caller-ID-Number: 100
Caller-Orig-Caller-ID-Name: edev - 100
Caller-Orig-Caller-ID-Number: 100
Caller-Network-Addr: 192.168.50.1
Caller-ANI: 100
Caller-Destination-Number: 101
Caller-Unique-ID: d0b1da34-a727-11e4-9728-6f83a2e5e50a
Caller-Source: mod_sofia
Caller-Context: out-extensions
Caller-Channel-Name: sofia/internal/100@192.168.50.4
Caller-Profile-Index: 1
Caller-Profile-Created-Time: 1422468044671081
Caller-Channel-Created-Time: 1422468044671081
Caller-Channel-Answered-Time: 0
variable_switch_r_sdp: v=0
o=- 3631463817 3631463817 IN IP4 172.16.7.70
s=pjmedia
a=rtpmap:103 speex/16000

variable_endpoint_disposition: DELAYED NEGOTIATION
"""

# EvoluxBR/greenswitch, its tests: the sign of life (an extract).
HEARTBEAT: Final = b"""Event-Name: HEARTBEAT
Core-UUID: cb2d5146-9a99-11e4-9291-092b1a87b375
FreeSWITCH-Hostname: evoluxdev
FreeSWITCH-Switchname: freeswitch
FreeSWITCH-IPv4: 172.16.7.47
FreeSWITCH-IPv6: ::1
Event-Date-Local: 2015-01-19%2012:06:19
Event-Date-GMT: Mon,%2019%20Jan%202015%2015:06:19%20GMT
Event-Date-Timestamp: 1421679979428652
Event-Calling-File: switch_core.c
Event-Calling-Function: send_heartbeat
Event-Calling-Line-Number: 70
Event-Sequence: 23910
Event-Info: System%20Ready
Up-Time: 0%20years,%201%20day,%2016%20hours,%2053%20minutes,%2014%20seconds,%20552%20milliseconds,%2035%20microseconds
FreeSWITCH-Version: 1.5.15b%2Bgit~20141226T052811Z~0a66db6f12~64bit
Uptime-msec: 147194552
Session-Count: 0
Max-Sessions: 1000
"""

# A scanner's print of port 8021, quoted in public: our address is not in the ACL, then the connection is closed.
RUDE: Final = b"Content-Type: text/rude-rejection\nContent-Length: 24\n\nAccess Denied, go away.\n"
GOODBYE: Final = (
    b"Content-Type: text/disconnect-notice\nContent-Length: 67\n\n"
    b"Disconnected, goodbye.\nSee you at ClueCon! http://www.cluecon.com/\n"
)
# mod_event_socket.c of older versions really leaves the colon out.
RUDE_WITHOUT_COLON: Final = b"Content-Type: text/rude-rejection\nContent-Length 24\n\nAccess Denied, go away.\n"

# mod_callcenter's documentation: its examples, times and names as printed there.
OFFERING: Final = b"""Event-Subclass: callcenter::info
Event-Name: CUSTOM
CC-Queue: support@default
CC-Agent: AgentNameHere
CC-Action: agent-offering
CC-Agent-System: single_box
CC-Member-UUID: 453324f8-3424-4322-4242362fd23d
CC-Member-Session-UUID: 600165a4-f748-11df-afdd-b386769690cd
CC-Member-CID-Name: CHOUINARD MO
CC-Member-CID-Number: 4385551212
"""
QUEUE_START: Final = b"""Event-Subclass: callcenter::info
Event-Name: CUSTOM
CC-Queue: support@default
CC-Action: member-queue-start
CC-Member-UUID: 453324f8-3424-4322-4242362fd23d
CC-Member-Session-UUID: b77c49c2-a732-11df-9438-e7d9456f8886
CC-Member-CID-Name: CHOUINARD MO
CC-Member-CID-Number: 4385551212
"""
MEMBERS_COUNT: Final = b"""Event-Subclass: callcenter::info
Event-Name: CUSTOM
CC-Queue: support@default
CC-Action: members-count
CC-Count: 1
CC-Selection: Single-Queue
"""
STATE_CHANGE: Final = b"""Event-Subclass: callcenter::info
Event-Name: CUSTOM
CC-Agent: 1000@default
CC-Action: agent-state-change
CC-Agent-State: Receiving
"""
# raspberry-pi-maker/VoIP-related-codes, records for a call centre: an answered call's last word, its values as printed.
TERMINATED: Final = b"""Event-Subclass: callcenter%3A%3Ainfo
Event-Name: CUSTOM
Caller-ANI: 19083426
Caller-Destination-Number: 3000
Caller-Context: public
Caller-Channel-Created-Time: 1696995740907190
Unique-ID: 503d2093-45f8-4156-bed5-10f1d387d04b
Channel-Call-UUID: 503d2093-45f8-4156-bed5-10f1d387d04b
Hangup-Cause: NORMAL_CLEARING
CC-Action: member-queue-end
CC-Agent: 1001
CC-Queue: 3000%40default
CC-Member-Leaving-Time: 1696995749
CC-Agent-Called-Time: 1696995740
CC-Member-Joined-Time: 1696995740
CC-Member-CID-Number: 19083426
CC-Member-Session-UUID: 503d2093-45f8-4156-bed5-10f1d387d04b
CC-Member-UUID: dbd77eea-5eec-4992-a386-d49683aaecef
CC-Agent-Answered-Time: 1696995745
CC-Cause: Terminated
"""
