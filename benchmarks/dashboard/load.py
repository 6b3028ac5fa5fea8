"""People at the dashboard, from a process of their own.

    python -m benchmarks.dashboard.load < PLAN.json

PLAN: url, cookie, tokens (one per person), counties, seconds, think_s, seed. Prints one JSON object: clicks, each with
kind, seconds and status.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time
from typing import Any

import httpx

from benchmarks.dashboard.walks import Walk

Click = dict[str, Any]


async def people(plan: dict[str, Any]) -> list[Click]:
    until = time.monotonic() + plan["seconds"]
    found = await asyncio.gather(*(_person(plan, number, token, until) for number, token in enumerate(plan["tokens"])))
    return [click for clicks in found for click in clicks]


async def _person(plan: dict[str, Any], number: int, token: str, until: float) -> list[Click]:
    clicks: list[Click] = []
    pauses = random.Random(plan["seed"] * 1000 + number)
    walk = Walk(plan["counties"], plan["seed"] * 1000 + number)
    async with httpx.AsyncClient(base_url=plan["url"], cookies={plan["cookie"]: token}, timeout=30) as browser:
        # not all at once
        await asyncio.sleep(pauses.uniform(0, plan["think_s"]))
        while time.monotonic() < until:
            kind, path, is_fragment = walk.step()
            started = time.monotonic()
            try:
                response = await browser.get(path, headers={"HX-Request": "true"} if is_fragment else {})
                status = str(response.status_code)
                if path.startswith("/voters?"):
                    walk.read(response.text)
            except httpx.TransportError as error:
                status = type(error).__name__
            clicks.append({"kind": kind, "seconds": time.monotonic() - started, "status": status, "path": path})
            await asyncio.sleep(pauses.expovariate(1 / plan["think_s"]))
    return clicks


if __name__ == "__main__":
    print(json.dumps(asyncio.run(people(json.load(sys.stdin)))))
