"""Bytes of gateways that cannot sign. PRINTED come from vendors' manuals, CONSTRUCTED were built here after them.

None was captured from a device by us. Sources: Yeastar's S-series API guides (report versions before 1.0.2, then 1.0.2,
then API v2), OpenVox' UC API guide in Chinese, Dinstar's "HTTP API" v201910, chapter on push events.
"""

from __future__ import annotations

YEASTAR_S_PRINTED = {
    # before report version 1.0.2: `ext` twice in one object
    "ring_twice_ext": b'{"action":"RING","callid":"1495706238.328","ext":{"extid":"1000"},"ext":{"extid":"1002"}}',
    "answer_twice_ext": b'{"action":"ANSWER","callid":"1495706238.328","ext":{"extid":"1000"},"ext":{"extid":"1002"}}',
    "answered_twice_ext": b'{"action":"ANSWERED","callid":"1495706238.328","ext":{"extid":"1002"},'
    b'"ext":{"extid":"1000"}}',
    "bye_twice_ext": b'{"action":"BYE","callid":"1495706238.328","ext":{"extid":"1000"},"ext":{"extid":"1002"}}',
    "ring_out": b'{"action":"RING","callid":"1495771030.365","outbound":{"from":"1002","to":"42003",'
    b'"trunk":"sip-142","outboundid":"1495771030.366"},"ext":{"extid":"1002"}}',
    "alert": b'{"action":"ALERT","callid":"1495706238.328","ext":{"extid":"1002"}}',
    "transfer": b'{"action":"Tranfer","callid":"1505291815.120","ext":{"extid":"1000"},"inbound":{"from":"102",'
    b'"to":"1000","trunk":"Apple_test","inboundid":"1505291815.120"}}',
    "failed_restriction": b'{"action":"CallFailed","reason":"NO Outbound Restriction","callid":"1495420603.349"}',
    "failed_dnd": b'{"action":"CallFailed","reason":"DND","callid":"1495186077.229","ext":{"extid":"1005"}}',
    "failed_line": b'{"action":"CallFailed","reason":"Line unreachable","callid":"1495184155.216",'
    b'"ext":{"extid":"1002"}}',
    "failed_busy": b'{"action":"CallFailed","reason":"User busy","callid":"1505294245.162"}',
    "invite": b'{"action":"Invite","callid":"1495707950.331","inbound":{"from":"1000","to":"1002",'
    b'"trunk":"sip-142","inboundid":"1495707950.331"}}',
    "incoming": b'{"action":"Incoming","callid":"1495707950.331","inbound":{"from":"1000","to":"1002",'
    b'"trunk":"sip-142","inboundid":"1495707950.331"}}',
    "dtmf": b'{"action":"DTMF","callid":"1495705009.315","outbound":{"from":"1002","to":"41000","trunk":"SIP-142",'
    b'"outboundid":"1495705009.316"},"info":"#"}',
    "prompt_end": b'{"action":"PlayPromptEnd","callid":"1505352996.281","outbound":{"trunkname":"Apple_test"},'
    b'"prompt":"appletest"}',
    "survey": b'{"action":"satisfaction","surveyresult":"1","callid":"1504460713.60"}',
    "boot": b'{"action": "BootUp"}',
    "config": b'{"action":"ConfigChange","type":"trunk","trunkname":"SIP-142","operation":"del"}',
    "extension": b'{"action":"ExtensionStatus","extension":"1010","status":"Registered"}',
    "cdr_out": b'{"action":"NewCdr","callid":"1505352615.274","timestart":"2017-09-14 09:30:15","callfrom":"1000",'
    b'"callto":"91000","desttrunkname":"Apple_test","callduraction":"29","talkduraction":"29","status":"ANSWERED",'
    b'"type":"Outbound","pincode":"1000","recording":"20170914093038-1505352615.274-1000-91000-Outbound.wav"}',
    "cdr_in": b'{"action":"NewCdr","callid":"1505352445.265","timestart":"2017-09-14 09:27:25","callfrom":"102",'
    b'"callto":"1000","srctrunkname":"Apple_test","callduraction":"38","talkduraction":"29","status":"ANSWERED",'
    b'"type":"Inbound","recording":"20170914092747-1505352445.265-102-1000-Inbound.wav"}',
    # report version 1.0.2: members in a list
    "bye_list": b"""{
    "action": "BYE",
    "callid": "1547375817.78",
    "call": [
        {
            "ext": {
                "extid": "1006"
            }
        },
        {
            "ext": {
                "extid": "1005"
            }
        }
    ],
    "sn": "369362089179"
}""",
    "answer_in": b"""{
    "action": "ANSWER",
    "callid": "1547375509.72",
    "call": [
        {
            "ext": {
                "extid": "1005"
            }
        },
        {
            "inbound": {
                "from": "3834847222",
                "to": "1005",
                "trunk": "SPS-6-36",
                "inboundid": "1547375509.72"
            }
        }
    ],
    "sn": "369362089179"
}""",
    "failed_code": b"""{
    "action": "CallFailed",
    "reason": "486 Busy Here",
    "callid": "1536976927.37",
    "outbound": {
        "from": "1002",
        "to": "70871520926",
        "trunk": "Wanatel-1",
        "outboundid": "1536976927.38"
    },
    "ext": {
        "extid": "1002"
    },
    "sn": "369351034049"
}""",
    # API v2: `event` instead of `action`
    "v2_cdr": b'{ "event": "NewCdr", "callid": "1571897930.5", "timestart": "2019-10-23 22:18:50", "callfrom": '
    b'"1023", "callto": "2023", "callduraction": "19", "talkduraction": "14", "srctrunkname": "", "dsttrcunkname": '
    b'"", "pincode": "", "status": "ANSWERED", "type": "Internal", "recording": '
    b'"20191024201242-1571897930.5-203-201-Internal.wav", "didnumber": "", "agentringtime": "0", "sn": '
    b'"369451090405" }',
    "v2_extension": b'{"event": "ExtensionStatus", "extension": "1023", "status": "Ringing", "sn": "369451090405"}',
    "v2_config": b'{"event": "ConfigChange", "type": "extension", "extid": "1000", "operation": "update", '
    b'"sn": "369451090405"}',
}

OPENVOX_PRINTED = {
    "alert_internal": b'{"action":"ALERT","callid":"1589947952.1670","ext":{"extid":["101"]},"sn":"a09805021987"}',
    "ring_internal": b'{"action":"RING","callid":"1589947952.1670","ext":{"extid":["106","101"]},"sn":"a09805021987"}',
    "ring_out": b'{"action":"RING","callid":"1589948178.1690","outbound":{"from":"106","to":"103",'
    b'"trunk":"to-18-16-2","outboundid":"1589948178.1690"},"ext":{"extid":"106"}}',
    "alert_in": b'{"action":"ALERT","callid":"1589948512.1709","inbound":{"from":"103","to":"101",'
    b'"trunk":"to-18-16-2","inboundid":"1589948512.1707"},"sn":"a09805021987"}',
    "ring_in": b'{"action":"RING","callid":"1589948512.1709","ext":{"extid":"101"},"inbound":{"from":"103",'
    b'"to":"101","trunk":"to-18-16-2","inboundid":"1589948512.1707"},"sn":"a09805021987"}',
    "answer_internal": b'{"action":"ANSWER","callid":"1589953310.1724","ext":{"extid":["106","101"]},'
    b'"sn":"a09805021987"}',
    "answer_in": b'{"action":"ANSWER","callid":"1589953417.1743","ext":{"extid":"101"},"inbound":{"from":"103",'
    b'"to":"101","trunk":"to-18-16-2","inboundid":"1589953417.1743"},"sn":"a09805021987"}',
    "bye_internal": b'{"action":"BYE","callid":"1589953914.1775","ext":{"extid":["106","101"]},"sn":"a09805021987"}',
    # two reports of one end, each under another id
    "bye_out_1": b'{"action":"BYE","callid":"1589956488.1962","outbound":{"from":"106","to":"103",'
    b'"trunk":"to-18-16-2","outboundid":"1589956488.1962"},"ext":{"extid":"106"},"sn":"a09805021987"}',
    "bye_out_2": b'{"action":"BYE","callid":"1589956489.1964","ext":{"extid":"106"},"outbound":{"from":"106",'
    b'"to":"103","trunk":"to-18-16-2","outboundid":"1589956489.1964"},"sn":"a09805021987"}',
    "transfer_in": b'{"action":"Tranfer","callid":"1589957892.2030","ext":{"extid":"102"},"inbound":{"from":"101",'
    b'"to":"102","trunk":"to-18-16-2","inboundid":"1589957892.2030"},"sn":"a09805021987"}',
    "failed": b'{"action":"CallFailed","reason":480,"callid":"1589958470.2092","ext":{"extid":["102","106"]},'
    b'"sn":"a09805021987"}',
    "extension": b'{"action":"ExtensionStatus","extension":"101","status":"InUse","sn":"a09805021987"}',
    "cdr_internal": b'{"action":"NewCdr","callid":"1589958682.2101","timestart":"2020-05-20 10:11:22",'
    b'"callfrom":"106","callto":"102","callduraction":"10","talkduraction":"5","status":"ANSWERED",'
    b'"type":"Internal","sn":"a09805021987"}',
    "cdr_out": b'{"action":"NewCdr","callid":"1589958787.2118","timestart":"2020-05-20 10:13:07","callfrom":"106",'
    b'"callto":"16101","callduraction":"10","talkduraction":"5","status":"ANSWERED","type":"Outbound",'
    b'"sn":"a09805021987"}',
    "cdr_in": b'{"action":"NewCdr","callid":"1589959139.2135","timestart":"2020-05-20 10:18:59","callfrom":"101",'
    b'"callto":"102","callduraction":"10","talkduraction":"4","status":"ANSWERED","type":"Inbound",'
    b'"sn":"a09805021987"}',
}

DINSTAR_PRINTED = {
    "sms": b'{"sn":"xxxx-xxxx-xxxx-xxxx","sms":[{"incoming_sms_id":1,"port":1,"number":"6717",'
    b'"smsc":"+8613800757511","timestamp":"2016-07-12 15:46:18","text":"test"}]}',
    "sms_result": b'{"sn":"xxxx-xxxx-xxxx-xxxx","sms_result":[{"port":1,"number":"10086",'
    b'"time":"2016-07-12 01:46:02","status":"DELIVERED","count":1,"succ_count":1,"ref_id":215,'
    b'"imsi":"460004642148063"}]}',
    "sms_deliver_status": b'{"sn":"xxxx-xxxx-xxxx-xxxx","sms_deliver_status":[{"port":1,"number":"10086",'
    b'"time":"2016-07-12 15:46:53","ref_id":215,"status_code":0,"imsi":"460004642148063"}]}',
    "ussd": b'{"sn":"xxxx-xxxx-xxxx-xxxx","ussd":[{"port":1,"text":"Thank you!"}]}',
    "register": b'{"sn":"xxxx-xxxx-xxxx-xxxx","register":[{"port":8,"iccid":"<NULL>","imsi":"<NULL>",'
    b'"number":"13714637674","status":"down","sequence":1,"slot":2}]}',
    "cdr": b'{"sn":"xxxx-xxxx-xxxx-xxxx","cdr":[{"port":2,"start_date":"2015-07-21 16:35:20",'
    b'"answer_date":"2015-07-21 16:35:31","duration":3,"source_number":"1010","destination_number":"6717",'
    b'"direction":"ip->gsm","ip":"172.16.100.136","codec":"G.711U","hangup":"called","gsm_code":16,"bcch":""}]}',
    "device": b'{"sn":"xxxx-xxxx-xxxx-xxxx","device":{"port_number":32,"IP":"172.18.55.142",'
    b'"MAC":"F8-A0-3D-48-E5-19","status":"power_off"}}',
    "exception_info": b'{"sn":"xxxx-xxxx-xxxx-xxxx","exception_info":{"port":0,"type":"call_fail","action":"reset"}}',
}

DINSTAR_CDR_IN = (
    DINSTAR_PRINTED["cdr"]
    .replace(b"ip->gsm", b"gsm->ip")
    .replace(b'"1010"', b'"13800138000"')
    .replace(b'"6717"', b'"8001"')
)
"""Constructed from the printed record of an outgoing call."""
