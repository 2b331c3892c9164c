"""An archive of tickets: as many as asked for, with texts of their own, in the database of the service under test.

Texts are put together from what people ask and what lawyers say; how often a thing is asked falls like 1/rank, so that
some words stand in every third ticket and others in a handful. The newest are of today, the oldest of years ago.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

import asyncpg

from hotline.bench.service import HALL
from hotline.tickets.words import words

TEXTS: Final = 40_000
"""Different ones; an archive of a million has each 25 times."""
A_DAY: Final = 1_000
"""Tickets."""
CALLERS: Final = 200_000
OPERATORS: Final = 200
SUBJECTS: Final = (
    *(
        "劳动合同",
        "拖欠工资",
        "离婚财产",
        "交通事故",
        "民间借贷",
        "房屋租赁",
        "抚养费",
        "工伤认定",
        "物业纠纷",
        "遗产继承",
    ),
    *(
        "消费退款",
        "社会保险",
        "加班工资",
        "土地承包",
        "邻里相邻",
        "医疗损害",
        "校园欺凌",
        "家庭暴力",
        "网络诈骗",
        "担保责任",
    ),
    *(
        "公证委托",
        "司法鉴定",
        "行政处罚",
        "强制执行",
        "养老机构",
        "专利侵权",
        "船舶碰撞",
        "宅基地",
        "彩礼返还",
        "遗嘱效力",
    ),
)
"""The most frequent first."""
PLACES: Final = (*"东西南北中", "城关", "开发", "滨河", "新安", "古塔", "青山", "平湖", "云梦", "石桥", "柳林", "白沙")
ANSWERS: Final = (
    "告知其收集书面证据，向有管辖权的人民法院提起诉讼",
    "建议先申请人民调解，调解不成的再行起诉",
    "告知可以向劳动人事争议仲裁委员会申请仲裁",
    "符合经济困难条件的，可以到法律援助中心申请法律援助",
    "说明诉讼时效为三年，自知道权利受到损害之日起计算",
    "建议保留转账记录、聊天记录和录音，必要时申请公证",
)
CATEGORIES: Final = ("civil.family.divorce", "civil.inheritance", "civil.labour", "civil.family.support", "")
_COLUMNS: Final = "(text_no int, facts text, opinion text, words text[], category text)"


async def fill(connection: asyncpg.Connection, tickets: int) -> None:
    """Tickets that are closed, without calls; indexes are made afterwards, and all is analysed."""
    texts = min(TEXTS, tickets)
    await connection.execute(f"CREATE TEMP TABLE bench_texts {_COLUMNS}")
    await connection.copy_records_to_table("bench_texts", records=_texts(texts))
    await connection.execute("DROP INDEX tickets_words_idx")
    days = -(-tickets // A_DAY)
    first = datetime.now(UTC) - timedelta(days=days - 1)
    await connection.execute(
        """
        INSERT INTO tickets (number, hall, channel, day, created_at, state, version, operator, caller_index,
                             caller_masked, matter, category, facts, opinion, words, closed_at, closed_by)
        SELECT $1 || '-archive-' || lpad(n::text, 9, '0'), $1, 'phone', (at AT TIME ZONE 'Asia/Shanghai')::date, at,
               'closed', 3, 'archive-' || n % $5, decode(md5('caller' || n % $6), 'hex'), '139****0000',
               'legal_advice', category, facts, opinion, array_to_tsvector(words), at, 'archive-' || n % $5
        FROM generate_series(0, $2 - 1) AS n
        JOIN bench_texts ON text_no = n % $3
        CROSS JOIN LATERAL (SELECT $4::timestamptz + n * interval '1 day' / $7::float8 AS at) AS instant
        """,
        HALL,
        tickets,
        texts,
        first,
        OPERATORS,
        CALLERS,
        A_DAY,
    )
    await connection.execute("SET maintenance_work_mem = '512MB'")
    await connection.execute("CREATE INDEX tickets_words_idx ON tickets USING gin (words) WHERE words IS NOT NULL")
    await connection.execute("DROP TABLE bench_texts")
    await connection.execute("VACUUM ANALYZE tickets")


def _texts(number: int) -> Iterator[tuple[int, str, str, list[str], str]]:
    chance = random.Random(12348)
    weights = [1 / rank for rank in range(1, len(SUBJECTS) + 1)]
    for text in range(number):
        subject, other = chance.choices(SUBJECTS, weights, k=2)
        place, sum_of = chance.choice(PLACES), chance.randrange(1, 400) * 500
        facts = (
            f"来电人为{place}区居民，咨询{subject}问题：{chance.randrange(1, 13)}月与对方因{other}发生争议，"
            f"涉及金额{sum_of}元，多次协商未果，"
            f"对方自第{chance.randrange(1000, 9999)}号通知后不再回应，询问应当如何处理。"
        )
        opinion = f"关于{subject}，{chance.choice(ANSWERS)}；{chance.choice(ANSWERS)}。"
        yield text, facts, opinion, words((facts, opinion)), chance.choice(CATEGORIES)
