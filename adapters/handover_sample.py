"""A complete hand-over package with invented content: to try a bridge's mapping on. Never sent."""

from __future__ import annotations

from datetime import datetime

from adapters.handover_package import (
    Attachment,
    CallSegment,
    Confirmation,
    Consent,
    HandoverPackage,
    LegalBasis,
    Mode,
    Sender,
    Urgency,
)

KEY = "hotline-sample-1"


def sample_package(peer: str, now: datetime) -> HandoverPackage:
    """Every field has something, so that whatever a mapping names is there."""
    return HandoverPackage(
        key=KEY,
        local_no="SAMPLE-20260101-000001",
        hall="sample",
        peer=peer,
        mode=Mode.TICKET_FLOW,
        reason_code="R1",
        reason="属于对方职责（样例）",
        scope_item="A-01",
        legal_basis=LegalBasis.CONSENT,
        legal_note="样例",
        consent=Consent(given=True, asked_at=now, asked_by="8001"),
        confirmed=Confirmation(by="8001 样例", at=now),
        urgency=Urgency.NORMAL,
        first_receiver="12348 公共法律服务热线",
        happened_at=now,
        caller_name="样例",
        caller_number="13800138000",
        area_code="320700",
        area="样例区",
        category="样例分类",
        category_code="0101",
        title="样例",
        facts="这是检查映射文件用的样例，不会发出。",
        claim="无",
        answered="无",
        calls=(CallSegment(begun_at=now, seconds=60, seat="8001", recording="sample/1"),),
        attachments=(Attachment(name="样例.pdf", reference="sample-1", bytes=1),),
        sent_by=Sender(name="样例", number="8001", unit="样例单位", telephone="12348"),
        prepared_at=now,
    )
