"""Bytes of real dialects. PRINTED come from vendors' manuals or published integrations; CONSTRUCTED were built here.

None was captured from a device by us.
"""

from __future__ import annotations

from pathlib import Path

from adapters import gateway_push

MAPPINGS = Path(gateway_push.__file__).parent / "mappings"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OLD_SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
TOKEN = "0123456789abcdef-token"
SECRETS = {
    "env:NEW": SECRET,
    "env:OLD": OLD_SECRET,
    "env:TOKEN": TOKEN,
    "env:YEASTAR": "k" * 32,
    "env:PULL": "open-sesame",
}

NEWROCK_PRINTED = {
    # manual, call status: BYE
    "bye": b'<?xml version="1.0" encoding="utf-8" ?><Event attribute="BYE"><visitor id="42" from="13012345678" '
    b'to="02161208234" callid="16426" /><ext id="200" /></Event>',
    "bye_outgoing": b'<?xml version="1.0" encoding="utf-8" ?>\n<Event attribute="BYE">\n  <outer id="38" from="200" '
    b'to="13012345678" trunk="02161208234" callid="16422" />\n</Event>\n',
    # published integration, older firmware: no call id anywhere
    "ring": b'<?xml version="1.0" encoding="utf-8" ?>\n<Event attribute="RING">\n<ext id="316" />\n'
    b'<visitor from="13698612743" />\n</Event>',
    "busy": b'<?xml version="1.0" encoding="utf-8" ?>\n<Event attribute="BUSY">\n<ext id="316" />\n</Event>',
    "answer": b'<?xml version="1.0" encoding="utf-8" ?>\n<Event attribute="ANSWER">\n<ext id="316" />\n'
    b'<visitor from="13698612743" />\n</Event>',
    "bye_no_callid": b'<?xml version="1.0" encoding="utf-8" ?>\n<Event attribute="BYE">\n<ext id="316" />\n'
    b'<visitor from="13698612743" />\n</Event>',
    "idle": b'<?xml version="1.0" encoding="utf-8" ?>\n<Event attribute="IDLE">\n<ext id="316" />\n</Event>',
    # the pair of records of that one call
    "cdr_in": b'<?xml version="1.0" encoding="utf-8" ?>\n<Cdr id="21020150929140022-0"><callid>49395</callid>'
    b"<TimeStart>20150929140015</TimeStart><Type>IN</Type><Route>XO</Route><CPN>13698612743</CPN><CDPN>316</CDPN>"
    b"<TimeEnd>20150929140022</TimeEnd><Duration>4</Duration><TrunkNumber>88554123</TrunkNumber></Cdr>",
    "cdr_out": b'<?xml version="1.0" encoding="utf-8" ?>\n<Cdr id="20920150929140022-0"><callid>49394</callid>'
    b"<TimeStart>20150929135957</TimeStart><Type>OU</Type><Route>OP</Route><CPN>13698612743</CPN><CDPN>316</CDPN>"
    b"<TimeEnd>20150929140022</TimeEnd><Duration>4</Duration><TrunkNumber>13698612743</TrunkNumber>"
    b"<Recording>20150929/13698612743_316_20150929-140018_49394</Recording></Cdr>",
    # an outgoing call of a seat
    "cdr_outgoing": b'<Cdr id="14420150824104517-0"><callid>20666</callid><outer id="186" />'
    b"<TimeStart>20150824104339</TimeStart><Type>OU</Type><Route>IP</Route><CPN>326</CPN><CDPN>013693848899</CDPN>"
    b"<TimeEnd>20150824104517</TimeEnd><Duration>73</Duration><TrunkNumber>568116531</TrunkNumber>"
    b"<Recording>20150824/326_013693848899_20150824-104404_20666</Recording></Cdr>",
}

NEWROCK_CONSTRUCTED = {
    "ring_callid": b'<Event attribute="RING"><ext id="200"/><visitor id="42" from="13012345678" to="02161208234" '
    b'callid="16426"/></Event>',
    "answer_callid": b'<Event attribute="ANSWER"><ext id="200"/><visitor id="42" from="13012345678" '
    b'to="02161208234" callid="16426"/></Event>',
    "ring_withheld": b'<Event attribute="RING"><ext id="316" /><visitor from="" /></Event>',
    "invite": b'<Event attribute="INVITE"><visitor id="42" from="13012345678" to="02161208234" '
    b'callid="16426"/></Event>',
    "internal_lo": b'<Cdr id="1-0"><callid>7</callid><TimeStart>20150929140015</TimeStart><Type>LO</Type>'
    b"<Route>II</Route><CPN>201</CPN><CDPN>202</CDPN><TimeEnd>20150929140022</TimeEnd><Duration>4</Duration></Cdr>",
    "internal_in": b'<Cdr id="1-1"><callid>8</callid><TimeStart>20150929140015</TimeStart><Type>IN</Type>'
    b"<Route>II</Route><CPN>201</CPN><CDPN>202</CDPN><TimeEnd>20150929140022</TimeEnd><Duration>4</Duration></Cdr>",
}

YEASTAR_PRINTED = {
    "ext_status": rb'{"type":30008,"sn":"3631A2124XXX","msg":"{\"extension\":\"2002\",\"status\":\"Ringing\"}"}',
    "ext_status_unescaped": b'{"type":30008,"sn":"3631A2124XXX","msg":"{"extension":"2002","status":"Ringing"}"}',
    # the manual prints the inner quotes unescaped
    "invitation": b"""{
    "type": 30016,
    "sn": "3631A2124XXX",
    "msg": "{
      "call_id":"1648861726.280",
      "members":[
         {
            "inbound":{
                 "from":"5503301",
                 "to":"2002",
                 "trunk_name":"peer-to-41",
                 "channel_id":"PJSIP/trunk-peer-to-41-endpoint-000000b5",
                 "member_status":"ALERT",
                 "call_path":" "
                        }
           }
                   ]
           }"
}""",
    "cdr_internal": b"""{
  "type":30012,
  "sn":"3631A2124XXX",
  "msg":"{
           "call_id":"1651057476.362",
           "time_start":"2022-04-27 19:04:36",
           "call_from":"2005",
           "call_to":"2002",
           "call_duration":24,
           "talk_duration":21,
           "src_trunk_name":" ",
           "dst_trunk_name":" ",
           "pin_code":" ",
           "status":"ANSWERED",
           "type":"Internal",
           "recording":"20220427190445-1651057476.362-2005-2002-Internal.wav",
           "did_number":" ",
           "agent_ring_time": 0,
           "uid": "2024111913594421D77",
           "call_note_id":"20250307162604-15379",
           "enb_call_note":1
         }"
}""",
    "s_cdr_internal": b'{"action":"NewCdr","callid":"1547391782.318","timestart":"2019-01-13 23:03:02",'
    b'"callfrom":"1001","callto":"1005","callduraction":"21","talkduraction":"10","status":"ANSWERED",'
    b'"type":"Internal","sn":"369362089179"}',
    "s_ring_internal": b'{ "action": "RING", "callid": "1550710849.199", "call": [ { "ext": { "extid": "1002" } }, '
    b'{ "ext": { "extid": "1001" } } ], "sn": "369351034049" }',
    "openvox_alert": b'{"action":"ALERT","callid":"1589947952.1670","ext":{"extid":["101"]},"sn":"a09805021987"}',
    "openvox_answer_list": b'{"action":"ANSWER","callid":"1589953310.1724","ext":{"extid":["101","106"]},'
    b'"sn":"a09805021987"}',
    "openvox_answer_out": b'{"action":"ANSWER","callid":"1589953723.1760","ext":{"extid":"106"},"outbound":{"from":'
    b'"106","to":"103","trunk":"to-18-16-2","outboundid":"1589953722.1758"},"sn":"a09805021987"}',
}

S_CDR_INBOUND = (
    b'{"action":"NewCdr","callid":"1547391782.318","timestart":"2019-01-13 23:03:02","callfrom":"13800138000",'
    b'"callto":"1005","callduraction":"21","talkduraction":"10","status":"ANSWERED","type":"Inbound",'
    b'"srctrunkname":"pstn","dsttrcunkname":"","sn":"369362089179"}'
)
"""Constructed from the printed internal record."""

OPENVOX_INBOUND_RING = (
    b'{"action":"RING","callid":"1589953723.1760","ext":{"extid":"106"},"inbound":{"from":"13800138000","to":"12348",'
    b'"trunk":"pstn-1","inboundid":"1589953722.1758"},"sn":"a09805021987"}'
)
"""Constructed from the printed outgoing report."""
