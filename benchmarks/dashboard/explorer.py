"""Pages of people and counts of the explorer, against plain look-ups and counts of the same rows in the same run."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from typing import Any, LiteralString

from psycopg import sql

from benchmarks.dashboard.asking import Asker
from benchmarks.dashboard.clock import least
from benchmarks.dashboard.report import Report
from dashboard.database import Reader
from dashboard.explorer.conditions import scope
from dashboard.explorer.cube import read_cube
from dashboard.explorer.inquiry import Inquiry
from dashboard.explorer.people import FEW_PEOPLE, PAGE_SIZE, Cursors, People, parse_order, read_people

Pairs = list[tuple[str, str]]

ROUNDS = 30
# everybody, and a filter that most pass
WIDE: dict[str, Pairs] = {"no filter": [("ballot", "any")], "who has not voted": [], "weak filter": [("mail", "0")]}
# thousands of people, and some hundreds
SELECTIVE: dict[str, Pairs] = {
    "thousands": [("support", "1"), ("postal", "3"), ("mail", "1"), ("mail", "2")],
    "hundreds": [("support", "5"), ("postal", "3"), ("plan", "6")],
    "thousands of a county": [("county", "42067"), ("mail", "0")],
}
# contacted by nobody, as far as the partner sees: nobody told it anything about them
IMPOSSIBLE: Pairs = [("support", "1"), ("reach", "nobody")]
ORDERS = ("name", "-name", "person", "county", "age", "last")


async def pages(asker: Asker, report: Report) -> None:
    found = {}
    for name, pairs in WIDE.items():
        async with asker.inquiry(pairs) as question:
            report.tell(f"{name}: people", f"{(await question.counts()).total:,}")
            for order in ORDERS:
                for place in ("first", "deep"):
                    found[f"{name}, by {order}, {place}"] = await _page(question, asker, order, place, report)
    worst = max(found, key=lambda name: found[name])
    async with asker.reader() as reader:
        lookup = (await asker.clock.least(ROUNDS, lambda: _lookup(reader)))[0]
    report.tell("look-up of 50 people by id, ms", lookup * 1000)
    report.tell("dearest page, ms", found[worst] * 1000)
    report.tell("dearest page", worst)
    report.judge("page without selective filter ÷ look-up of 50", found[worst] / lookup, 10)


async def growth(asker: Asker, quarter: Asker, report: Report) -> None:
    """The same pages where a quarter of the people are, in turns: the machine is as busy for one as for the other."""
    found = {}
    for name, pairs in WIDE.items():
        async with asker.inquiry(pairs) as large, quarter.inquiry(pairs) as small:
            for order in ORDERS:
                for place in ("first", "deep"):
                    whole, part = await least(
                        ROUNDS,
                        (asker.clock, await _reading(large, order, place)),
                        (quarter.clock, await _reading(small, order, place)),
                    )
                    found[f"{name}, by {order}, {place}"] = whole / part
    worst = max(found, key=lambda name: found[name])
    report.tell("page that grows most", worst)
    report.judge("growth of a page when voters grow four times", found[worst], 1.5)


async def _reading(question: Inquiry, order: str, place: str) -> Callable[[], Awaitable[People]]:
    """Reads one page of many people, or says that they are few."""
    total = (await question.counts()).total
    assert total > max(FEW_PEOPLE.values()), "a page of few people is filtered first"
    cursors = Cursors(b"bench", question.viewer.role or "")
    after = cursors.write(await _somebody(question)) if place == "deep" else ""
    return lambda: read_people(
        question.reader, cursors, question.condition(), total, parse_order(order, has_names=True), after=after
    )


async def _page(question: Inquiry, asker: Asker, order: str, place: str, report: Report) -> float:
    make = await _reading(question, order, place)
    asker.statements.clear()
    await make()
    settings = [text for text in asker.statements if text.startswith("set local")]
    for statement in [text for text in asker.statements if "order by" in text.lower()]:
        plan = await _plan(question.reader, statement, settings)
        if "Sort" in plan or "Seq Scan" in plan:
            report.judge(f"plan without sort and scan: {order}, {place}", None, 0)
            print(plan)
    return (await asker.clock.least(ROUNDS, make))[0]


async def _somebody(question: Inquiry) -> str:
    """In the middle of the list by id, wherever that is in other orders."""
    [row] = await question.reader.rows(
        sql.SQL("select person_id from explorer where {} and person_id >= '4' order by person_id limit 1").format(
            question.condition()
        )
    )
    return str(row["person_id"])


async def _plan(reader: Reader, statement: str, settings: list[str]) -> str:
    """settings: what the page sets before the statement, and sets back after it."""
    for setting in settings[:1]:
        await reader.connection.execute(setting.encode())
    cursor = await reader.connection.execute(b"explain " + statement.encode())
    plan = await cursor.fetchall()
    for setting in settings[1:]:
        await reader.connection.execute(setting.encode())
    return "\n".join(next(iter(row.values())) for row in plan)


async def _lookup(reader: Reader) -> None:
    """Fifty people at random, as a page shows them."""
    first = [row["person_id"] for row in await _some_ids(reader)]
    await reader.rows("select * from voters where person_id = any(%s)", [random.sample(first, PAGE_SIZE)])


_IDS: dict[str, list[dict[str, Any]]] = {}


async def _some_ids(reader: Reader) -> list[dict[str, Any]]:
    """Ids to look up, read once: they are no part of the look-up."""
    key = str(reader.version)
    if key not in _IDS:
        _IDS[key] = await reader.rows("select person_id from explorer where hashtext(person_id) % 200 = 0")
    return _IDS[key]


async def selective(asker: Asker, report: Report) -> None:
    cursors = Cursors(b"bench", "")
    for name, pairs in SELECTIVE.items():
        async with asker.inquiry(pairs) as question:
            total = (await question.counts()).total
            report.tell(f"selective filter, {name}: people", f"{total:,}")
            for order in ("name", "age"):

                async def make(question: Inquiry = question, total: int = total, order: str = order) -> None:
                    await read_people(
                        question.reader, cursors, question.condition(), total, parse_order(order, has_names=True)
                    )

                page, count = await asker.clock.least(
                    ROUNDS // 2,
                    make,
                    lambda question=question: question.reader.value("select count(*) from explorer"),  # type: ignore[misc]
                )
                report.judge(f"page of {name} by {order} ÷ count(*)", page / count, 1)
    async with asker.inquiry(IMPOSSIBLE) as question:
        await question.cube()
        asker.statements.clear()
        total = (await question.counts()).total
        await read_people(question.reader, cursors, question.condition(), total, parse_order("", has_names=True))
        assert total == 0, "nobody said anything to nobody"
        report.judge("impossible filter: statements for people", len(asker.statements), 0)


async def cubes(asker: Asker, report: Report) -> None:
    """All facets, the total and any cross-tab of a scope, from one query."""
    largest = await counties(asker)
    scopes: dict[str, Pairs] = {
        "state": [],
        "largest county": [("county", largest[0])],
        "county of middle size": [("county", largest[len(largest) // 2])],
    }
    for name, pairs in scopes.items():
        async with asker.inquiry(pairs) as question:
            where = scope(question.universe, {})
            query = sql.SQL("select count(*) from explorer where {}").format(where)
            asker.statements.clear()
            cube = await read_cube(question.reader, question.facets, where)
            statements = len(asker.statements)
            cold, count = await asker.clock.least(
                10,
                lambda question=question, where=where: read_cube(question.reader, question.facets, where),  # type: ignore[misc]
                lambda question=question, query=query: question.reader.value(query),  # type: ignore[misc]
            )
            report.tell(f"{name}: groups of {int(cube.people.sum()):,} people", f"{len(cube.people):,}")
            report.tell(f"{name}: cube, ms", cold * 1000)
            report.tell(f"{name}: count(*), ms", count * 1000)
            report.judge(f"cold counts ÷ count(*), {name}", cold / count, 6)
            report.judge(f"statements for them, {name}", statements, 1)


async def counties(asker: Asker) -> list[str]:
    """Most people first."""
    query: LiteralString = "select county_fips from explorer group by 1 order by count(*) desc"
    async with asker.reader() as reader:
        return [row["county_fips"] for row in await reader.rows(query)]


TOGGLES = (
    "/voters?support=1",
    "/voters?support=1&support=2",
    "/voters?support=1&support=2&postal=3",
    "/voters?support=1&support=2&postal=3&reach=nobody&reach=others",
    "/voters?mail=0",
    "/voters?mail=0&rows=mail&cols=postal",
    "/voters?age=18-24&party=DEM&channel=door&last=7",
)


async def toggles(asker: Asker, report: Report) -> None:
    """Choosing within a scope whose counts are kept, as HTMX asks for it."""
    county = (await counties(asker))[0]
    for name, further in (("state", ""), ("largest county", f"&county={county}")):

        async def cold(further: str = further) -> None:
            # the domain and the words are kept: what is cold are the counts
            cache = asker.app.state.cache
            for key in [key for key in cache._kept if "cube" in key]:
                cache._kept.pop(key)
            await asker.get(f"{TOGGLES[0]}{further}", is_fragment=True)

        first = (await asker.clock.least(3, cold))[0]
        asker.statements.clear()
        warm = []
        for toggle in TOGGLES:
            warm += await asker.clock.least(5, lambda path=f"{toggle}{further}": asker.get(path, is_fragment=True))  # type: ignore[misc]
        report.judge(f"counts asked for while facets are toggled, {name}", len(asker.counting()), 0)
        report.tell(f"{name}: page with cold counts, ms", first * 1000)
        report.tell(f"{name}: toggles, ms", " ".join(f"{seconds * 1000:.0f}" for seconds in warm))
        if name == "state":
            report.judge("dearest toggle ÷ page with cold counts", max(warm) / first, 0.2)


async def after_publication(asker: Asker, report: Report) -> None:
    """What the first visitor waits for: nothing is kept yet."""
    paths = ["/voters"]
    for path in ("/", "/coverage"):
        if (await asker.client.get(path)).status_code == 200:
            paths.append(path)
    for path in paths:

        async def make(path: str = path) -> None:
            asker.forget()
            await asker.get(path)

        report.tell(f"first visitor of {path}, s", (await asker.clock.least(3, make))[0])
