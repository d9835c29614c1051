"""Short links: content-addressed, kept for ever, never overwritten; and what happens where they cannot be kept."""

from __future__ import annotations

import asyncio
import json
import random
import re
import sqlite3
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import AbstractContextManager, suppress
from multiprocessing import get_context
from pathlib import Path

import httpx
import pytest

from app.core.codec import encode
from app.core.errors import GradwalkError
from app.web.links import Links, id_of
from app.web.settings import Settings

PROGRAM = "w = torch.tensor(2., requires_grad=True)\ny = w * w  # ∂\ny.backward()\n"
EVERYWHERE = ("/svg", "/png", "/html", "/zip", "/trace.json", "/api/walk", "/embed", "/")
Serve = Callable[[Settings], AbstractContextManager[httpx.Client]]


def made(client: httpx.Client, **body: object) -> dict[str, str]:
    answer = client.post("/s", json=body)
    assert answer.status_code == 201, answer.text
    shared: dict[str, str] = answer.json()
    assert answer.headers["location"] == shared["path"]
    return shared


def test_a_program_has_one_link_that_says_what_is_kept(client: httpx.Client) -> None:
    first, again = made(client, source=PROGRAM), made(client, query=f"c={encode(PROGRAM)}")
    assert first == again
    assert first["id"] == id_of(PROGRAM)
    assert re.fullmatch(r"[a-z2-7]{26}", first["id"])
    assert first["url"] == f"{client.base_url}".rstrip("/") + f"/s/{first['id']}"
    assert made(client, source=PROGRAM + "#")["id"] != first["id"]


def test_the_link_leads_to_the_page_with_its_options(client: httpx.Client) -> None:
    shared = made(client, query="expr=relu(w*x)&let=w:5&step=2&theme=dark&predict=0")
    assert shared["path"] == f"/s/{shared['id']}?let=w:5&step=2&theme=dark"
    answer = client.get(shared["path"])
    assert (answer.status_code, answer.headers["location"]) == (307, "/?" + shared["query"])
    assert shared["query"] == f"id={shared['id']}&let=w:5&step=2&theme=dark"
    page = client.get(answer.headers["location"], headers={"Accept": "text/html"})
    assert "relu(w*x)" in page.text


@pytest.mark.parametrize("path", EVERYWHERE)
def test_an_id_shows_what_the_program_itself_shows(client: httpx.Client, path: str) -> None:
    shared = made(client, source=PROGRAM)
    short = client.get(f"{path}?id={shared['id']}&step=3")
    long = client.get(f"{path}?c={encode(PROGRAM)}&step=3")
    assert short.status_code == long.status_code == 200
    if path in ("/svg", "/png", "/zip", "/trace.json"):
        assert short.content == long.content
    assert len(short.content) == pytest.approx(len(long.content), rel=0.01)


@pytest.mark.parametrize("path", ["/s/{id}", *(f"{path}?id={{id}}" for path in EVERYWHERE)])
@pytest.mark.parametrize("id_", ["a" * 26, "abc", "A" * 26])
def test_a_missing_link_says_what_to_do(client: httpx.Client, path: str, id_: str) -> None:
    address = path.format(id=id_)
    error = client.get(address, headers={"Accept": "application/json"})
    assert (error.status_code, error.json()["error"]["code"]) == (404, "not_found")
    page = client.get(address, headers={"Accept": "text/html"})
    assert page.status_code == 404
    assert "No program is kept under this short link" in page.text
    assert "link was cut" in page.text


def test_there_is_no_list_and_no_other_method(client: httpx.Client) -> None:
    assert client.get("/s").status_code == 405
    id_ = made(client, source=PROGRAM)["id"]
    assert {client.request(method, f"/s/{id_}").status_code for method in ("PUT", "DELETE", "POST")} == {405}
    assert client.get(f"/s/{id_[:-1]}").status_code == 404


def test_what_cannot_be_kept_is_refused(client: httpx.Client) -> None:
    cases = [
        ({"source": "x" * 20_001}, 413, "too_long"),
        ({}, 400, "bad_view"),
        ({"query": "c=d9.abc"}, 400, "bad_view"),
        ({"query": f"id={'a' * 26}"}, 404, "not_found"),
        ({"source": "a\ud800"}, 400, "bad_view"),
    ]
    for body, status, code in cases:
        answer = client.post("/s", content=json.dumps(body), headers={"Content-Type": "application/json"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (status, code), body


def test_where_they_cannot_be_kept_all_else_goes_on(serve: Serve) -> None:
    settings = Settings(rate_limit="3/hour", access_log=False, links_file="/proc/links.sqlite3")
    with serve(settings) as client:
        answers = [client.post("/s", json={"source": f"x = {n}"}) for n in range(4)]
        assert [answer.status_code for answer in answers] == [503, 503, 503, 429]
        error = answers[0].json()["error"]
        assert (error["code"], error["message"]) == ("links_unavailable", "This server cannot keep short links now.")
        assert "long link" in error["hint"]
        assert client.get(f"/s/{id_of(PROGRAM)}").status_code == 404
        assert client.get("/svg?ex=lecture").status_code == 200


def links(file: Path | None, most: int = 2**22) -> Links:
    return Links(file, most, 20_000)


def put(store: Links, program: str) -> str:
    return asyncio.run(store.put(program))


def refused(store: Links, program: str) -> str:
    with pytest.raises(GradwalkError) as caught:
        put(store, program)
    assert caught.value.code == "links_unavailable"
    return caught.value.message


@pytest.mark.parametrize("kind", ["off", "folder", "rubbish", "nowhere"])
def test_why_none_can_be_kept(tmp_path: Path, kind: str) -> None:
    (tmp_path / "rubbish").write_bytes(b"not a database, by far" * 400)
    files = {"off": None, "folder": tmp_path, "rubbish": tmp_path / "rubbish", "nowhere": Path("/dev/null/links")}
    assert ("turned off" in refused(links(files[kind]), PROGRAM)) is (kind == "off")
    with pytest.raises(GradwalkError, match="cannot read" if kind in ("folder", "rubbish") else "No program"):
        asyncio.run(links(files[kind]).get(id_of(PROGRAM)))


def test_links_outlive_the_server(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "links.sqlite3"
    id_ = put(links(file), PROGRAM)
    file.chmod(0o444)
    assert asyncio.run(links(file).get(id_)) == PROGRAM


def test_a_full_file_refuses_and_forgets_nothing(tmp_path: Path) -> None:
    file = tmp_path / "links.sqlite3"
    store, dice, kept = links(file, 2**15), random.Random(1), []
    programs = [f"x = '{dice.randbytes(1500).hex()}'" for _ in range(20)]
    with suppress(GradwalkError):
        for program in programs:
            put(store, program)
            kept.append(program)
    assert 3 <= len(kept) < 20
    assert "full" in refused(store, programs[-1])
    assert file.stat().st_size <= 2**15
    assert put(store, kept[0]) == id_of(kept[0])
    assert [asyncio.run(links(file).get(id_of(program))) for program in kept] == kept


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "links.sqlite3"
    put(links(file), PROGRAM)
    with sqlite3.connect(file) as store:
        store.execute("UPDATE links SET program = ?", (encode("other"),))
    store.close()
    assert put(links(file), PROGRAM) == id_of(PROGRAM)
    assert asyncio.run(links(file).get(id_of(PROGRAM))) == "other"


def _put(file: Path, numbers: range) -> list[str]:
    store = links(file)
    return [put(store, f"x = {n}") for n in numbers]


def test_several_workers_share_a_file(tmp_path: Path) -> None:
    file = tmp_path / "links.sqlite3"
    with ProcessPoolExecutor(3, mp_context=get_context("spawn")) as workers:
        jobs = [workers.submit(_put, file, range(start, start + 20)) for start in (0, 10, 20)]
        assert [job.result() for job in jobs] == [[id_of(f"x = {n}") for n in range(s, s + 20)] for s in (0, 10, 20)]
    store = links(file)
    assert [asyncio.run(store.get(id_of(f"x = {n}"))) for n in range(40)] == [f"x = {n}" for n in range(40)]


def test_all_who_ask_for_a_missing_one_are_told(tmp_path: Path) -> None:
    def ask(_n: int) -> str:
        with pytest.raises(GradwalkError) as caught:
            asyncio.run(links(tmp_path / "none.sqlite3").get("a" * 26))
        return caught.value.code

    with ThreadPoolExecutor(4) as threads:
        assert set(threads.map(ask, range(8))) == {"not_found"}
    assert not (tmp_path / "none.sqlite3").exists()


GIVEN = Path(__file__).parents[1] / "core" / "links.json"


@pytest.mark.parametrize(("program", "id_"), json.loads(GIVEN.read_text("utf-8"))["ids"].items())
def test_ids_that_were_given_away_stay(program: str, id_: str) -> None:
    assert id_of(program) == id_
