"""Recording: one file from the first word to the last, through every transfer."""

from __future__ import annotations

from adapters.telephony import StartRecording
from hotline.calls.call import Call
from hotline.hall.work import Work


def keep_recording(work: Work, call: Call) -> Call:
    """Record what is said from now on, where the hall records and nothing does yet."""
    if not work.rules.record or call.recording is not None:
        return call
    name = call.id if call.recordings == 0 else f"{call.id}.{call.recordings + 1}"
    work.order(call.adapter, StartRecording(call=call.key, name=name))
    return work.touch(call, recording=name, recordings=call.recordings + 1)
