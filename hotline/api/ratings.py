"""Ratings (评价): read by supervisors, taken by call-back, asked for by link; operators see their own months only."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Final, Literal

from fastapi import Depends, Path, Query, Request, Response
from limits import parse
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from hotline.api.deps import Cursor, Grant, Limit, granted, is_secure, read_cursor, router, write_cursor
from hotline.api.problems import Problem, problem_of, refusals
from hotline.api.schemas.common import Code, Page
from hotline.api.schemas.ratings import (
    FollowUpBody,
    LinkBody,
    OwnMonthBody,
    RatingBody,
    RatingFigures,
    RatingId,
    RatingPart,
    RatingRow,
    TakenBody,
)
from hotline.audit.trail import Act, record
from hotline.people.permissions import Action
from hotline.ratings import codes, links, own, reading, service
from hotline.ratings.figures import FIGURES, RatingTally, brief
from hotline.ratings.service import NoSuchRating, RatingRefused
from hotline.settings import RatingsTable
from hotline.store.tables import ACCOUNTS

routes = router("评价")
Reader = Annotated[Grant, Depends(granted(Action.RATING_READ))]
Taker = Annotated[Grant, Depends(granted(Action.RATING_TAKE))]
Own = Annotated[Grant, Depends(granted(Action.RATING_OWN))]
Statistician = Annotated[Grant, Depends(granted(Action.REPORT_READ))]
Id = Annotated[int, Path(ge=1, le=2**63 - 1, description="评价标识", examples=[1])]
Way = Literal["key", "call_back", "link", "network"]

LINK_PACE: Final = parse("200/hour")
"""Per account: a link is a key to a figure."""
MAX_DAYS: Final = 366
EARLIEST: Final = date(2000, 1, 1)
LATEST: Final = date(9000, 1, 1)
PAGE_PATH: Final = "/rate/"


@routes.get(
    "/ratings",
    operation_id="listRatings",
    summary="查询评价",
    response_model=Page[RatingRow],
    responses=refusals("bad_cursor"),
)
async def list_ratings(
    grant: Reader,
    request: Request,
    first: Annotated[date | None, Query(alias="from", description="评价日期，起始（含）")] = None,
    last: Annotated[date | None, Query(alias="to", description="评价日期，截止（含）")] = None,
    way: Annotated[Way | None, Query(description="评价方式")] = None,
    operator: Annotated[Code | None, Query(description="账号标识")] = None,
    queue: Annotated[Code | None, Query(description="队列")] = None,
    satisfied: Annotated[bool | None, Query(description="是否满意")] = None,
    to_follow_up: Annotated[bool, Query(description="只看不满意且尚未回访的")] = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[RatingRow]:
    """不满意且尚未回访的在前，其余最新的在前。不含对查询人自己服务的评价。"""
    wanted = reading.Wanted(
        hall=grant.hall,
        reader=grant.who.account,
        since=_midnight(first),
        until=_midnight(last, 1),
        way=way,
        operator=operator,
        queue=queue,
        satisfied=satisfied,
        to_follow_up=to_follow_up,
    )
    async with request.app.state.engine.connect() as conn:
        lines, more = await reading.search(conn, wanted, limit=limit, after=read_cursor(cursor, reading.Place))
    labels = _labels(request, grant)
    return Page(items=[RatingRow.of(line, labels) for line in lines], next_cursor=write_cursor(more))


@routes.get(
    "/ratings/figures", operation_id="readRatingFigures", summary="测评率与满意率", response_model=RatingFigures
)
async def read_figures(
    grant: Statistician,
    request: Request,
    first: Annotated[date | None, Query(alias="from", description="来电日期，起始（含）；默认 30 天前")] = None,
    last: Annotated[date | None, Query(alias="to", description="来电日期，截止（含）；默认今天")] = None,
) -> RatingFigures:
    """满意率总与测评率并列，各带公式、分子和分母；按日、人员和队列分列。期间最长 366 天，超出时自截止日期往前取。"""
    today = grant.now.astimezone(own.SHANGHAI).date()
    until = max(EARLIEST, min(last or today, today))
    since = max(first or until - timedelta(days=29), until - timedelta(days=MAX_DAYS - 1))
    async with request.app.state.engine.connect() as conn:
        parts = await reading.tallies(conn, grant.hall, since, until)
        people = await _people(conn, grant.hall, parts.operators)
    labels = _labels(request, grant)
    return RatingFigures.model_validate(
        {
            "first": since.isoformat(),
            "last": until.isoformat(),
            "figures": [figure.row(parts.total) for figure in FIGURES],
            "days": [_part(str(day), str(day), tally) for day, tally in sorted(parts.days.items(), reverse=True)],
            "operators": [_part(key, people.get(key, key), tally) for key, tally in sorted(parts.operators.items())],
            "queues": [
                _part(key, labels.get(key, key) or "未进入队列", tally) for key, tally in sorted(parts.queues.items())
            ],
        }
    )


@routes.get("/ratings/own", operation_id="readOwnRatings", summary="本人的月度平均分", response_model=OwnMonthBody)
async def read_own(
    grant: Own,
    request: Request,
    month: Annotated[
        str | None, Query(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$", description="月份，例如 2026-10；默认上个月")
    ] = None,
) -> OwnMonthBody:
    """只有平均分，没有任何单条评价；该月结束且评价人数达到下限后才公布，以免推知某一位来电人的评分。"""
    today = grant.now.astimezone(own.SHANGHAI).date()
    wanted = own.month_of(month) if month else (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    async with request.app.state.engine.connect() as conn:
        voices = await reading.voices(conn, grant.hall, grant.who.account, wanted)
    found = own.own_month(wanted, voices, grant.now)
    return OwnMonthBody.model_validate(
        {name: getattr(found, name) for name in found.__struct_fields__} | {"fewest": own.FEWEST}
    )


@routes.get(
    "/ratings/{rating}",
    operation_id="readRating",
    summary="读取评价",
    response_model=RatingBody,
    responses=refusals("not_found"),
)
async def read_rating(rating: Id, grant: Reader, request: Request, response: Response) -> RatingBody:
    """含来电人的意见和回访结果；有文字内容的，每次打开都记入审计。"""
    response.headers["Cache-Control"] = "no-store"
    async with _rating(request) as conn:
        found = await reading.read(conn, request.app.state.seal, grant.hall, rating, grant.who.account)
        if found.comment or found.note:
            await _audited(conn, grant, Act.RATING_VIEW, found.line.call or found.line.ticket, rating=rating)
    return RatingBody.whole(found, _labels(request, grant))


@routes.post(
    "/ratings/{rating}/follow-up",
    operation_id="followUpRating",
    summary="登记不满意回访",
    response_model=RatingBody,
    responses=refusals("not_found", "rating_own_call", "rating_not_open"),
)
async def follow_up(rating: Id, body: FollowUpBody, grant: Taker, request: Request, response: Response) -> RatingBody:
    """已与不满意的来电人沟通，登记结果。不改变评价本身和统计。接待过该来电人的人不能登记。"""
    response.headers["Cache-Control"] = "no-store"
    seal = request.app.state.seal
    async with _rating(request) as conn:
        call = await service.follow_up(
            conn, seal, hall=grant.hall, rating=rating, note=body.note, by=grant.who.account, now=grant.now
        )
        found = await reading.read(conn, seal, grant.hall, rating, grant.who.account)
        await _audited(conn, grant, Act.RATING_FOLLOWED, call, rating=rating)
    return RatingBody.whole(found, _labels(request, grant))


@routes.post(
    "/calls/{call}/rating",
    operation_id="takeRating",
    summary="登记回访评价",
    status_code=201,
    response_model=RatingId,
    responses=refusals("not_found", "rating_not_possible", "rating_own_call", "rating_given"),
)
async def take_rating(
    call: Annotated[Code, Path(description="通话标识", examples=["demo-000000001"])],
    body: TakenBody,
    grant: Taker,
    request: Request,
) -> RatingId:
    """电话回访时由来电人口头评价。每通来电一次；接待过该来电人的人不能登记。"""
    async with _rating(request) as conn:
        made = await service.take(
            conn,
            request.app.state.seal,
            hall=grant.hall,
            call=call,
            scores=body.scores.scores(),
            comment=body.comment,
            by=grant.who.account,
            now=grant.now,
            satisfied_from=_rules(request, grant).satisfied_from,
        )
        await _audited(conn, grant, Act.RATING_TAKEN, call, rating=made)
    return RatingId(id=made)


@routes.post(
    "/tickets/{number}/rating-link",
    operation_id="makeRatingLink",
    summary="生成评价链接",
    status_code=201,
    response_model=LinkBody,
    responses=refusals("not_found", "rating_not_possible", "rating_own_call", "rating_given", "slow_down"),
)
async def make_link(
    number: Annotated[Code, Path(description="工单编号", examples=["demo-20261121-000001"])],
    grant: Taker,
    request: Request,
    response: Response,
) -> LinkBody:
    """一次有效，数日内有效（默认 7 天）；新链接使旧链接失效。链接只显示这一次，生成记入审计。"""
    response.headers["Cache-Control"] = "no-store"
    if not request.app.state.pace.take(LINK_PACE, "rating-link", grant.who.account):
        raise Problem("slow_down", headers={"Retry-After": "3600"})
    rules = _rules(request, grant)
    async with _rating(request) as conn:
        made = await links.invite(
            conn,
            request.app.state.seal,
            hall=grant.hall,
            ticket=number,
            chance=secrets.token_bytes(codes.CHANCE_BYTES),
            by=grant.who.account,
            now=grant.now,
            days=rules.link_days,
        )
        await _audited(conn, grant, Act.RATING_LINK, number)
    scheme = "https" if is_secure(request) else "http"
    base = rules.link_address or f"{scheme}://{request.headers.get('host', '')}"
    return LinkBody(address=f"{base}{PAGE_PATH}{made.code}", expires_at=made.expires_at)


@asynccontextmanager
async def _rating(request: Request) -> AsyncIterator[AsyncConnection]:
    """One transaction; what goes wrong becomes a problem."""
    try:
        async with request.app.state.engine.begin() as conn:
            yield conn
    except NoSuchRating:
        raise Problem("not_found") from None
    except RatingRefused as refused:
        raise problem_of(refused.code) from None


async def _audited(conn: AsyncConnection, grant: Grant, act: Act, object: str, *, rating: int | None = None) -> None:
    data = {"rating": rating} if rating is not None else None
    await record(conn, hall=grant.hall, doer=grant.doer, act=act, object=object, at=grant.now, data=data)


def _rules(request: Request, grant: Grant) -> RatingsTable:
    hall = request.app.state.settings.halls.get(grant.hall)
    return hall.ratings if hall is not None else RatingsTable()


def _labels(request: Request, grant: Grant) -> Mapping[str, str]:
    hall = request.app.state.settings.halls.get(grant.hall)
    return {name: queue.label for name, queue in hall.queues.items()} if hall is not None else {}


async def _people(conn: AsyncConnection, hall: str, accounts: Mapping[str, Any]) -> dict[str, str]:
    a = ACCOUNTS.c
    rows = await conn.execute(select(a.id, a.work_number, a.name).where(a.hall == hall, a.id.in_(list(accounts))))
    return {row.id: f"{row.work_number} {row.name}" for row in rows}


def _part(key: str, label: str, tally: RatingTally) -> RatingPart:
    return RatingPart(key=key, label=label, answered=tally.answered, **brief(tally))


def _midnight(day: date | None, later: int = 0) -> datetime | None:
    """The day's beginning in Asia/Shanghai, `later` days on; days that no calendar holds become the next that does."""
    if day is None:
        return None
    return datetime.combine(min(max(day, EARLIEST), LATEST) + timedelta(days=later), time(), own.SHANGHAI)
