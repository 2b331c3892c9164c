"""Which kinds of offices and experts are there, how are they called in Chinese, and how long may each text be?

Values are stored, labels are shown. The order of the kinds is the order in which they are shown.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class UnitKind(StrEnum):
    """What an office is."""

    CITY_HALL = "city_hall"
    COUNTY_CENTRE = "county_centre"
    TOWNSHIP_STATION = "township_station"
    VILLAGE_STUDIO = "village_studio"
    LEGAL_AID_CENTRE = "legal_aid_centre"
    NOTARY_OFFICE = "notary_office"
    MEDIATION_COMMITTEE = "mediation_committee"
    APPRAISAL = "appraisal"
    ARBITRATION = "arbitration"
    LAW_FIRM = "law_firm"
    OTHER = "other"


class ExpertLevel(StrEnum):
    """Who called the expert into the pool."""

    NATIONAL = "national"
    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"


class Thing(StrEnum):
    """What has an entry in the directory, and a history."""

    UNIT = "unit"
    PERSON = "person"
    ADVISER = "adviser"
    EXPERT = "expert"


KINDS: Final = {
    UnitKind.CITY_HALL: "市级中心",
    UnitKind.COUNTY_CENTRE: "县区中心",
    UnitKind.TOWNSHIP_STATION: "乡镇街道站",
    UnitKind.VILLAGE_STUDIO: "村居工作室",
    UnitKind.LEGAL_AID_CENTRE: "法律援助中心",
    UnitKind.NOTARY_OFFICE: "公证处",
    UnitKind.MEDIATION_COMMITTEE: "人民调解委员会",
    UnitKind.APPRAISAL: "司法鉴定机构",
    UnitKind.ARBITRATION: "仲裁机构",
    UnitKind.LAW_FIRM: "律师事务所",
    UnitKind.OTHER: "其他机构",
}
LEVELS: Final = {
    ExpertLevel.NATIONAL: "国家级",
    ExpertLevel.PROVINCE: "省级",
    ExpertLevel.CITY: "市级",
    ExpertLevel.COUNTY: "县区级",
}
RANKS: Final = {kind: rank for rank, kind in enumerate(UnitKind)}
"""For sorting: general offices before special ones, higher before lower."""

CODE: Final = r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}"
"""Of a unit; the site chooses it, and it stays."""
TELEPHONE: Final = r"[0-9+*#()（）\-、，,;；/ 转]{0,60}"
MAX_NAME: Final = 80
MAX_SHORT: Final = 40
"""Posts, names of areas, titles, fields."""
MAX_ADDRESS: Final = 120
MAX_NOTE: Final = 200
MAX_VILLAGES: Final = 5
"""Of one village legal adviser (村居法律顾问)."""
MAX_FIELDS: Final = 8
MAX_UNITS: Final = 20_000
"""Of a hall: three times the offices of the largest city."""
