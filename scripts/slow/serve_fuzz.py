"""The work of scripts/slow/serve-fuzz: `serve_fuzz.py SPORK [--seconds N] [--seed N]`."""

import argparse
import collections
import copy
import json
import random
import re
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MODEL = ROOT / "data/model"
#: Seconds that an answer may take.
PATIENCE = 10.0
#: Seconds after which a request that has no answer is ended.
MOMENT = 0.5

DOCUMENTS = [
    {"_id": f"d{number}", "text": f"A fork and bowl {number}.", "year": 1990 + number, "lang": "en"}
    for number in range(30)
]

#: Requests that are right, as method, path and body.
REQUESTS = [
    ("POST", "/v1/search", {"index": "docs", "query": "forks", "k": 3}),
    (
        "POST",
        "/v1/search",
        {
            "index": "docs",
            "query": "a fork",
            "vector": {"fork": 1.5, "bowl": 0.25},
            "k": 10,
            "filter": 'year >= 1995 and not lang = "de"',
            "mix": {"splade": 1, "bm25": 0.5},
            "columns": ["year"],
            "explain": True,
            "snippet": 80,
            "alpha": 0.9,
            "deadline_ms": 50,
        },
    ),
    (
        "POST",
        "/v1/search",
        {"index": "docs", "indices": [100, 2000], "values": [1.0, 0.5], "k": 1},
    ),
    (
        "POST",
        "/v1/search",
        {
            "index": "docs",
            "query": "x",
            "filter": {"and": [{"year": {">": 1}}, {"exists": "lang"}]},
        },
    ),
    (
        "POST",
        "/v1/search/batch",
        {"index": "docs", "queries": [{"query": "fork"}, {"vector": {"bowl": 1}}], "k": 2},
    ),
    ("POST", "/v1/explain", {"index": "docs", "query": "fork", "id": "d1"}),
    ("POST", "/v1/encode", {"texts": ["a fork", "a bowl"]}),
    ("POST", "/embed_sparse", {"inputs": ["a fork"]}),
    ("POST", "/v1/indexes/docs/documents", {"documents": [{"id": "n", "text": "a spoon"}]}),
    ("GET", "/v1/indexes/docs/documents/d1", None),
    ("GET", "/v1/docs/search?query=fork&hits=2", None),
    ("GET", "/v1/indexes", None),
    ("GET", "/metrics", None),
    ("GET", "/", None),
]

#: Values that a number, a text or a list may become.
ODD = [
    None,
    True,
    -1,
    0,
    1e308,
    -1e-320,
    2**63,
    2**200,
    "",
    "\0",
    "\ud800",
    "é" * 300,
    "a" * 100_000,
    [],
    {},
    [[]],
    [[[[[[]]]]]],
    {"": {}},
    "docs",
    "../../etc/passwd",
    "year = = 3",
    "((((((" * 200,
    "not " * 500 + "year = 1",
    "lang in (" + ",".join(f'"{n}"' for n in range(3000)) + ")",
]

HEADERS = [
    ("Content-Length", "-1"),
    ("Content-Length", "99999999999"),
    ("Content-Type", "text/plain"),
    ("Content-Type", "application/json; charset=\xff"),
    ("Transfer-Encoding", "chunked"),
    ("Content-Encoding", "gzip"),
    ("Host", "example.org"),
    ("Host", ""),
    ("Origin", "http://example.org"),
    ("Authorization", "Bearer \x80\x81"),
    ("X-Request-Id", "x" * 9000),
    ("Expect", "100-continue"),
    ("Upgrade", "websocket"),
    ("Range", "bytes=0-18446744073709551615"),
]


def places(value, path=()):
    """The paths to all values within a value."""
    yield path
    if isinstance(value, dict):
        children = list(value.items())
    else:
        children = list(enumerate(value)) if isinstance(value, list) else []
    for key, child in children:
        yield from places(child, (*path, key))


def with_odd_value(body, chance):
    """A body with a value of another kind somewhere, or a key more or less."""
    changed = copy.deepcopy(body)
    path = chance.choice(list(places(changed)))
    if not path:
        return chance.choice(ODD)
    inner = changed
    for key in path[:-1]:
        inner = inner[key]
    fate = chance.random()
    if fate < 0.15:
        del inner[path[-1]]
    elif fate < 0.25 and isinstance(inner, dict):
        inner[chance.choice(["index", "k", "zz", "filter", "vector"])] = chance.choice(ODD)
    else:
        inner[path[-1]] = chance.choice(ODD)
    return changed


def damaged(data, chance):
    """Bytes with some of them changed, cut or doubled."""
    data = bytearray(data)
    for _ in range(chance.randrange(1, 6)):
        place = chance.randrange(len(data) + 1)
        fate = chance.random()
        if fate < 0.5 and data:
            data[place % len(data)] = chance.randrange(256)
        elif fate < 0.7:
            del data[place:]
        elif fate < 0.9:
            data[place:place] = data[place : place + 50]
        else:
            data[place:place] = bytes(chance.randrange(256) for _ in range(20))
    return bytes(data)


def request(chance):
    """The bytes of a request that is right, odd or damaged."""
    method, path, body = chance.choice(REQUESTS)
    if chance.random() < 0.1:
        method = chance.choice(["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "FOO"])
    if chance.random() < 0.1:
        path = damaged(path.encode(), chance).decode("latin-1").replace("\n", "%0a") or "/"
    if body is not None and chance.random() < 0.7:
        for _ in range(chance.randrange(1, 4)):
            body = with_odd_value(body, chance) if isinstance(body, (dict, list)) else body
    text = b"" if body is None else json.dumps(body).encode("utf-8", "surrogatepass")
    if text and chance.random() < 0.2:
        text = damaged(text, chance)
    headers = [
        ("Host", "127.0.0.1"),
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(text))),
    ]
    if chance.random() < 0.2:
        name, value = chance.choice(HEADERS)
        headers = [header for header in headers if header[0] != name or chance.random() < 0.3]
        headers.append((name, value))
    head = f"{method} {path} HTTP/1.1\r\n" + "".join(f"{n}: {v}\r\n" for n, v in headers)
    whole = (head + "Connection: close\r\n\r\n").encode("latin-1", "replace") + text
    return damaged(whole, chance) if chance.random() < 0.05 else whole


def ask(address, data):
    """The status of the answer, None if there is none, and the seconds that it took once the
    request was at an end."""
    with socket.create_connection(address, timeout=MOMENT) as connection:
        answer, begun, ended = b"", time.monotonic(), False
        try:
            connection.sendall(data)
            while True:
                try:
                    part = connection.recv(65536)
                except TimeoutError:
                    if ended:
                        raise
                    # It waits for more, as a head or a length has it: there is none.
                    connection.shutdown(socket.SHUT_WR)
                    connection.settimeout(PATIENCE)
                    begun, ended = time.monotonic(), True
                    continue
                if not part:
                    break
                answer = answer or part
        except TimeoutError:
            raise
        except OSError:
            # It was refused, and the connection closed, before all was sent.
            pass
    found = re.match(rb"HTTP/1\.[01] (\d{3})", answer)
    return int(found[1]) if found else None, time.monotonic() - begun


def start(program, folder):
    """A server of a small hybrid index, and its address."""
    corpus = folder / "corpus.jsonl"
    corpus.write_text("".join(json.dumps(document) + "\n" for document in DOCUMENTS))

    def spork(*arguments):
        subprocess.run([program, "--quiet", *map(str, arguments)], check=True, cwd=folder)

    spork("encode", "--model", MODEL, "--input", corpus, "--output", "docs.svec")
    index = ["index", "--input", "docs.svec", "--bm25", corpus, "--output", "docs"]
    spork(*index, "--columns", "year:integer,lang:keyword", "--store", "text")
    log = (folder / "log").open("w")
    serve = [program, "serve", "--index", "docs", "--model", MODEL, "--read-write"]
    server = subprocess.Popen([*serve, "--listen", "127.0.0.1:0"], stderr=log, cwd=folder)
    while not (found := re.search(r"http://([0-9.]+):(\d+)", (folder / "log").read_text())):
        if server.poll() is not None:
            sys.exit(f"serve-fuzz: {(folder / 'log').read_text()}")
        time.sleep(0.05)
    return server, (found[1], int(found[2]))


def main():
    """Asks until the time is over, and tells what came."""
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    chance, counts, slowest, faults = random.Random(args.seed), collections.Counter(), 0.0, []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server, address = start(args.program, folder)
        try:
            end = time.monotonic() + args.seconds
            while time.monotonic() < end and not faults:
                data = request(chance)
                try:
                    status, seconds = ask(address, data)
                except OSError as error:
                    faults.append((repr(error), data[:2000]))
                    break
                counts[status] += 1
                slowest = max(slowest, seconds)
                if status is not None and status >= 500 and status != 503:
                    faults.append((status, data[:2000]))
            alive = server.poll() is None
        finally:
            server.terminate()
            server.wait(30)
        log = (folder / "log").read_text(errors="replace")
    told = ", ".join(f"{status}: {count}" for status, count in sorted(counts.items(), key=str))
    print(f"serve-fuzz: {sum(counts.values())} requests; {told}; slowest {slowest:.2f} s")
    if faults or not alive or "panicked" in log or server.returncode != 0:
        print(f"serve-fuzz: {faults}\n{log[-3000:]}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
