"""Shards behind HTTP, by Ray Serve."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from .._errors import SporkError, SporkValueError
from ._broker import Busy
from ._sharded import open
from ._start import LOOPBACK, start

#: Hits that one request may ask for.
MOST_HITS = 10_000
#: The options of a search that a request may have.
OPTIONS = ["vector", "filter", "mix", "alpha", "deadline_ms", "strategy", "query_idf"]


class Door:
    """Answers ``POST /v1/search`` with ``{"query": …, "k": …}`` and the options of a search by
    ``{"hits": [{"id": …, "score": …}, …], "exact": …, "matched": …}``, or by ``{"error": …}``."""

    def __init__(self, folders: list[str], model: str | None, settings: dict[str, Any]) -> None:
        self._index = open(folders, model=model, **settings)
        self._pool = ThreadPoolExecutor(max_workers=settings["most"])

    async def __call__(self, request: Any) -> Any:
        from starlette.responses import JSONResponse

        try:
            body = await request.json()
            if not isinstance(body, dict):
                raise SporkValueError("the body: expected a JSON object")
            answer = await asyncio.get_running_loop().run_in_executor(
                self._pool, self._search, body
            )
        except Busy as error:
            return JSONResponse({"error": str(error)}, 429, {"Retry-After": "1"})
        except (SporkValueError, ValueError, TypeError) as error:
            return JSONResponse({"error": str(error)}, 400)
        except SporkError as error:
            return JSONResponse({"error": str(error)}, 503)
        return JSONResponse(answer)

    def _search(self, body: dict[str, Any]) -> dict[str, Any]:
        unknown = set(body) - {"query", "k", *OPTIONS}
        if unknown:
            raise SporkValueError(f"{', '.join(sorted(unknown))}: no such key")
        k = body.get("k", 10)
        if type(k) is not int or not 0 <= k <= MOST_HITS:
            raise SporkValueError(f"k {k!r}: expected an integer from 0 to {MOST_HITS}")
        options = {name: body[name] for name in OPTIONS if name in body}
        found = self._index.search(body.get("query"), k, **options)
        hits = [{"id": docno, "score": score} for docno, score in found]
        return {"hits": hits, "exact": found.exact, "matched": found.matched}


def serve(
    folders: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    *,
    model: str | None = "job",
    host: str = LOOPBACK,
    port: int = 8000,
    brokers: int = 1,
    replicas: int = 1,
    most: int = 64,
    address: str | None = None,
) -> Any:
    """Serves shards over HTTP, ``POST /v1/search``, and returns once they answer.

    Args:
        folders, model, replicas, address: as for :func:`spork_search.ray.open`.
        host, port: where it listens; on loopback unless told otherwise.
        brokers: processes that take requests.
        most: requests under way in each; as many more wait, others are refused with status 503.

    Returns:
        Ray Serve's handle of the application.
    """
    ray = start(address)
    from ray import serve as ray_serve

    if isinstance(folders, str | os.PathLike):
        folders = [os.path.abspath(folders)]
        listed: Any = folders[0]
    else:
        listed = [os.path.abspath(folder) for folder in folders]
    del ray
    ray_serve.start(http_options={"host": host, "port": port})
    deployment = ray_serve.deployment(
        num_replicas=brokers, max_ongoing_requests=most, max_queued_requests=most
    )(Door)
    settings = {"replicas": replicas, "most": most}
    bound = deployment.bind(listed, model, settings)
    return ray_serve.run(bound, name="spork", route_prefix="/v1/search")
