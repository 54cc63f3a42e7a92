"""Local models in real processes: what they answer, and what happens when one of them, or everything, is killed."""

from __future__ import annotations

import asyncio
import math
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from pydantic import BaseModel, Field

from courseware.gateway.deltas import collect
from courseware.gateway.engine import Embedder, LocalEngine
from courseware.gateway.engine.memory import bytes_needed
from courseware.gateway.engine.running import start_model
from courseware.gateway.errors import ApiError
from courseware.gateway.exchange import (
    ChatReply,
    ChatRequest,
    EmbedRequest,
    Format,
    Message,
    RerankRequest,
    Sampling,
    Text,
    TextDelta,
    Tool,
    ToolChoice,
)
from courseware.models import Registry, Store, load_registry
from courseware.models.store import default_root

pytestmark = pytest.mark.needs_models

TINY = "smollm2-135m-instruct-q4_1"
MINILM = "all-minilm-l6-v2"
GREEDY = Sampling(temperature=0)
WEATHER = Tool(
    "get_weather",
    "Tell the weather in a city.",
    {"type": "object", "properties": {"city": {"type": "string", "maxLength": 12}}, "required": ["city"]},
)


def require(name: str) -> None:
    """Skip where the weights were not pulled."""
    if Store(default_root()).state(load_registry()[name]) != "present":
        pytest.skip(f"{name} is not in the store: course models pull {name}")


def asked(text: str, **fields: Any) -> ChatRequest:
    return ChatRequest("openai", "course-small", (Message("user", (Text(text),)),), **{"sampling": GREEDY, **fields})


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    """One event loop for the tests that share an engine."""
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="module")
def engine(runner: asyncio.Runner) -> Iterator[LocalEngine]:
    """An engine that keeps the smallest model loaded."""
    require(TINY)

    async def made() -> LocalEngine:
        return LocalEngine()

    engine = runner.run(made())
    yield engine
    runner.run(engine.shutdown())


@pytest.fixture
def answer(runner: asyncio.Runner, engine: LocalEngine) -> Callable[[ChatRequest], ChatReply]:
    """The whole answer of the smallest model."""

    async def whole(request: ChatRequest) -> ChatReply:
        return await collect(await engine.answer(request, [TINY]))

    return lambda request: runner.run(whole(request))


Answer = Callable[[ChatRequest], ChatReply]


@asynccontextmanager
async def own_engine() -> AsyncIterator[LocalEngine]:
    require(TINY)
    engine = LocalEngine()
    try:
        yield engine
    finally:
        await engine.shutdown()


async def holds(condition: Callable[[], bool]) -> bool:
    """Whether something comes true within 10 seconds."""
    for _ in range(100):
        if condition():
            return True
        await asyncio.sleep(0.1)
    return False


async def gone(pid: int) -> bool:
    """Whether a process ends within 10 seconds."""
    return await holds(lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)


def pid_of(engine: LocalEngine) -> int:
    child = engine.loaded[-1].child
    assert child is not None
    return child.pid


# What it answers


def test_answer_says_which_model_wrote_it(answer: Answer) -> None:
    reply = answer(asked("Say hello.", max_tokens=8))
    assert reply.model == f"local/{TINY}"
    assert (reply.origin.tier, reply.origin.id) == ("local", TINY)
    assert load_registry()[TINY].files[0].sha256[:12] in reply.origin.provenance


def test_tokens_of_a_repeated_prompt_are_counted_again(answer: Answer) -> None:
    first, second = (answer(asked("Count these tokens.", max_tokens=4)).usage for _ in range(2))
    assert first == second
    assert first.input > 10
    assert (first.output, first.cached) == (4, 0)


def test_greedy_answer_is_the_same_every_time(answer: Answer) -> None:
    first, other, again = (answer(asked(text, max_tokens=16)) for text in ("Name a fruit.", "Hi", "Name a fruit."))
    assert first.completions == again.completions != other.completions


def test_text_arrives_while_it_is_written(runner: asyncio.Runner, engine: LocalEngine) -> None:
    async def pieces() -> list[str]:
        live = await engine.answer(asked("Tell a story.", max_tokens=12), [TINY])
        return [delta.text async for delta in live.deltas if isinstance(delta, TextDelta)]

    assert len(runner.run(pieces())) > 6


def test_stop_sequence_that_was_met_is_named(answer: Answer) -> None:
    whole = answer(asked("Say hello.", max_tokens=16)).completions[0].text
    word = whole.split()[3]
    stopped = answer(asked("Say hello.", max_tokens=16, stop=("qqqq", word))).completions[0]
    assert (stopped.stop, stopped.stop_sequence) == ("stop_sequence", word)
    assert stopped.text == whole.partition(word)[0]


def test_limit_on_tokens_ends_an_answer_as_length(answer: Answer) -> None:
    assert answer(asked("Tell a long story.", max_tokens=5)).completions[0].stop == "length"


def test_log_probabilities_stand_beside_their_tokens(answer: Answer) -> None:
    done = answer(asked("Say hello.", max_tokens=5, logprobs=2)).completions[0]
    assert "".join(token.token for token in done.logprobs) == done.text
    assert all(len(token.top) == 2 and token.top[0] == (token.token, token.logprob) for token in done.logprobs)


def test_several_answers_differ_and_repeat_with_their_seed(answer: Answer) -> None:
    request = asked("Invent a name.", max_tokens=10, n=2, sampling=Sampling(temperature=1.5, seed=7))
    first, again = answer(request), answer(request)
    assert first.completions == again.completions
    assert first.completions[0] != first.completions[1]
    assert first.usage.output == 20


def test_conversation_that_does_not_fit_is_refused(answer: Answer) -> None:
    with pytest.raises(ApiError) as caught:
        answer(asked("word " * 9000))
    assert (caught.value.kind, caught.value.code) == ("invalid_request", "context_length_exceeded")


def test_words_of_the_model_at_the_end_are_continued(answer: Answer) -> None:
    start = Message("assistant", (Text("One, two, three,"),))
    request = asked("Count from one to six.", max_tokens=4)
    assert answer(replace(request, messages=(*request.messages, start))).completions[0].text.startswith(" four")


class Box(BaseModel):
    label: str = Field(max_length=12)
    full: bool


class Shelf(BaseModel):
    boxes: list[Box] = Field(min_length=1, max_length=2)
    height_cm: int = Field(ge=10, le=99)


def test_structured_output_fits_a_pydantic_model(answer: Answer) -> None:
    form = Format("schema", Shelf.model_json_schema())
    done = answer(asked("A shelf with a box of nails.", format=form, max_tokens=250)).completions[0]
    Shelf.model_validate_json(done.text)


def test_schema_that_the_engine_cannot_hold_is_refused(answer: Answer) -> None:
    form = Format("schema", {"type": "object", "properties": {"a": {"type": "string", "pattern": "("}}})
    with pytest.raises(ApiError, match="cannot be held to this schema: it is impossible") as caught:
        answer(asked("x", format=form))
    assert caught.value.status == 400


def test_required_call_has_arguments_that_fit(answer: Answer) -> None:
    done = answer(asked("Weather?", tools=(WEATHER,), choice=ToolChoice("required"), max_tokens=60)).completions[0]
    assert done.stop == "tool_calls"
    assert [call.name for call in done.calls] == ["get_weather"]
    assert list(done.calls[0].arguments) == ["city"]


def test_call_that_is_cut_short_is_no_call(answer: Answer) -> None:
    done = answer(asked("Weather?", tools=(WEATHER,), choice=ToolChoice("required"), max_tokens=9)).completions[0]
    assert (done.stop, done.calls) == ("length", ())
    assert done.text.startswith('{"name": "get_weather"')


def test_requests_at_once_are_answered_one_after_the_other(runner: asyncio.Runner, engine: LocalEngine) -> None:
    async def both() -> list[ChatReply]:
        lives = [await engine.answer(asked(text, max_tokens=6), [TINY]) for text in ("Hi.", "Name a fruit.")]
        return await asyncio.gather(*map(collect, lives))

    assert all(reply.completions[0].text for reply in runner.run(both()))


def test_who_goes_away_frees_the_model(runner: asyncio.Runner, engine: LocalEngine) -> None:
    async def leave() -> bool:
        live = await engine.answer(asked("word " * 2000, max_tokens=2000), [TINY])
        first = asyncio.ensure_future(anext(live.deltas))
        await asyncio.sleep(0.5)  # it reads the prompt now, and has written nothing
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        live = await engine.answer(asked("Tell a long story.", max_tokens=2000), [TINY])
        await anext(live.deltas)
        await live.deltas.aclose()  # type: ignore[attr-defined]
        return not await is_busy(engine)

    assert runner.run(asyncio.wait_for(leave(), 30))


async def is_busy(engine: LocalEngine) -> bool:
    """Whether the server still works after two seconds."""
    server = engine.loaded[-1].server
    async with httpx.AsyncClient(base_url=server.address, headers=server._http.headers) as client:
        for _ in range(20):
            if not (await client.get("/slots")).json()[0]["is_processing"]:
                return False
            await asyncio.sleep(0.1)
    return True


def test_server_answers_nobody_without_its_key(engine: LocalEngine, answer: Answer) -> None:
    answer(asked("Hi", max_tokens=1))
    assert httpx.post(f"{engine.loaded[-1].server.address}/completion", json={"prompt": "x"}).status_code == 401


def test_weights_that_are_not_here_are_refused(runner: asyncio.Runner, tmp_path: Path) -> None:
    async def refused() -> None:
        await LocalEngine(Store(tmp_path)).answer(asked("Hi"), [TINY])

    with pytest.raises(ApiError, match=f"course models pull {TINY}"):
        runner.run(refused())


# What survives


def test_killed_model_is_reported_and_started_again() -> None:
    async def killed_and_again() -> tuple[str, ChatReply]:
        async with own_engine() as engine:
            live = await engine.answer(asked("Tell a long story.", max_tokens=2000), [TINY])
            await anext(live.deltas)
            os.kill(pid_of(engine), signal.SIGKILL)
            with pytest.raises(ApiError) as caught:
                await collect(live)
            assert (caught.value.kind, caught.value.code) == ("server", "local_model_crashed")
            again = await collect(await engine.answer(asked("Hi", max_tokens=4), [TINY]))
            return caught.value.message, again

    message, again = asyncio.run(killed_and_again())
    assert "signal 9 (SIGKILL" in message
    assert message.endswith("so send this one again")
    assert again.completions[0].text


def test_who_waits_behind_a_crash_is_answered() -> None:
    async def behind() -> ChatReply:
        async with own_engine() as engine:
            first = await engine.answer(asked("Tell a long story.", max_tokens=2000), [TINY])
            second = await engine.answer(asked("Hi", max_tokens=4), [TINY])
            await anext(first.deltas)
            waiting = asyncio.create_task(collect(second))
            await asyncio.sleep(0.2)
            os.kill(pid_of(engine), signal.SIGKILL)
            with pytest.raises(ApiError):
                await collect(first)
            return await waiting

    assert asyncio.run(behind()).completions[0].text


def test_model_that_crashes_again_and_again_rests() -> None:
    async def crash_three_times() -> ApiError:
        async with own_engine() as engine:
            for _ in range(3):
                await collect(await engine.answer(asked("Hi", max_tokens=1), [TINY]))
                os.kill(pid_of(engine), signal.SIGKILL)
                assert await holds(lambda: engine.loaded == ())
            with pytest.raises(ApiError) as caught:
                await engine.answer(asked("Hi"), [TINY])
            return caught.value

    error = asyncio.run(crash_three_times())
    assert (error.code, error.status) == ("local_model_resting", 503)


@pytest.mark.parametrize("after_s", [0, 0.01, 0.2])
def test_who_goes_away_while_the_model_is_loaded_leaves_nothing_behind(after_s: float) -> None:
    async def leave() -> ChatReply:
        async with own_engine() as engine:
            left = asyncio.create_task(engine.answer(asked("Hi"), [TINY]))
            await asyncio.sleep(after_s)
            left.cancel()
            await asyncio.gather(left, return_exceptions=True)
            assert engine.loaded == ()
            return await collect(await engine.answer(asked("Hi", max_tokens=2), [TINY]))

    assert asyncio.run(leave()).completions[0].text


def test_schema_waits_behind_a_crash_like_any_request() -> None:
    async def behind() -> ChatReply:
        async with own_engine() as engine:
            first = await engine.answer(asked("Tell a long story.", max_tokens=2000), [TINY])
            await anext(first.deltas)
            request = asked("Hi", tools=(WEATHER,), choice=ToolChoice("required"), max_tokens=40)
            waiting = asyncio.create_task(engine.answer(request, [TINY]))
            await asyncio.sleep(0.2)
            os.kill(pid_of(engine), signal.SIGKILL)
            with pytest.raises(ApiError):
                await collect(first)
            return await collect(await waiting)

    assert asyncio.run(behind()).completions[0].calls


def test_shutdown_ends_the_process() -> None:
    async def pid() -> int:
        async with own_engine() as engine:
            await collect(await engine.answer(asked("Hi", max_tokens=1), [TINY]))
            return pid_of(engine)

    assert not psutil.pid_exists(asyncio.run(pid()))


def test_processes_end_with_a_parent_that_is_killed() -> None:
    require(TINY)
    code = """
        import asyncio
        from courseware.gateway.engine import LocalEngine
        from courseware.gateway.exchange import ChatRequest, Message, Text

        async def main():
            engine = LocalEngine()
            live = await engine.answer(ChatRequest("openai", "m", (Message("user", (Text("Tell a story."),)),)), [TINY])
            await anext(live.deltas)
            print(engine.loaded[0].child.pid, flush=True)
            await asyncio.sleep(60)

        asyncio.run(main())
        """
    script = textwrap.dedent(code).replace("[TINY]", f"[{TINY!r}]")
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert psutil.pid_exists(child)
        parent.kill()
    assert asyncio.run(gone(child))


def twins(folder: Path) -> tuple[Store, Registry]:
    """A store with the smallest model under two names, both linked to its one file."""
    require(TINY)
    whole, store = Store(default_root()), Store(folder)
    tiny = load_registry()[TINY]
    registry = Registry({name: replace(tiny, name=name) for name in ("one", "two")})
    store.blob(tiny.files[0]).parent.mkdir(parents=True)
    store.blob(tiny.files[0]).symlink_to(whole.blob(tiny.files[0]))
    for model in registry.models.values():
        store.show(model, model.files[0])
    return store, registry


def two_models(folder: Path, free: Callable[[int], int]) -> LocalEngine:
    """An engine with both; `free` tells the memory that is left beside so many loaded models."""
    engine = LocalEngine(*twins(folder), free=lambda: free(len(engine.loaded)))
    return engine


# What each of the twins asks for, less than twice that, and less than that once one of them is loaded.
ROOM_FOR_ONE = bytes_needed(replace(load_registry()[TINY], name="one")) + (100 << 20)


@pytest.mark.parametrize(
    ("free", "left"),
    [
        (lambda loaded: 8 << 30, ["one", "two"]),
        (lambda loaded: ROOM_FOR_ONE - loaded * (300 << 20), ["two"]),
    ],
    ids=["both fit", "one fits"],
)
def test_longest_unused_model_makes_room(tmp_path: Path, free: Callable[[int], int], left: list[str]) -> None:
    async def loaded() -> list[str]:
        engine = two_models(tmp_path, free)
        try:
            for name in ("one", "two"):
                await collect(await engine.answer(asked("Hi", max_tokens=1), [name]))
            return [model.name for model in engine.loaded]
        finally:
            await engine.shutdown()

    assert asyncio.run(loaded()) == left


def test_model_that_writes_is_not_unloaded_under_its_reader(tmp_path: Path) -> None:
    async def both() -> tuple[bool, str]:
        engine = two_models(tmp_path, lambda loaded: ROOM_FOR_ONE - loaded * (300 << 20))
        try:
            first = await engine.answer(asked("Tell a story.", max_tokens=30), ["one"])
            await anext(first.deltas)
            other = asyncio.create_task(engine.answer(asked("Hi", max_tokens=1), ["two"]))
            await asyncio.sleep(0.3)
            waited = not other.done()
            await collect(first)
            return waited, (await collect(await other)).model
        finally:
            await engine.shutdown()

    assert asyncio.run(both()) == (True, "local/two")


def test_memory_that_is_too_short_is_refused(tmp_path: Path) -> None:
    async def refused() -> None:
        await two_models(tmp_path, lambda loaded: 0).answer(asked("Hi"), ["one", "two"])

    with pytest.raises(ApiError, match="not enough memory"):
        asyncio.run(refused())


def test_engine_that_was_shut_down_starts_nothing(runner: asyncio.Runner) -> None:
    async def after() -> None:
        engine = LocalEngine()
        await engine.shutdown()
        await engine.answer(asked("Hi"), [TINY])

    require(TINY)
    with pytest.raises(ApiError, match="the gateway is closing"):
        runner.run(after())


# A server of one's own


def test_own_server_answers_under_its_own_name(monkeypatch: pytest.MonkeyPatch) -> None:
    async def ask() -> ChatReply:
        require(TINY)
        store, entry = Store(default_root()), load_registry()[TINY]
        theirs = await start_model("theirs", store.path(entry), "")
        monkeypatch.setenv("LLAMA_SERVER_URL", f"{theirs.server.address}/v1/")
        monkeypatch.setenv("LLAMA_API_KEY", theirs.server._http.headers["Authorization"].removeprefix("Bearer "))
        engine = LocalEngine()
        try:
            return await collect(await engine.answer(asked("Hi", max_tokens=4), ["whatever"]))
        finally:
            await engine.shutdown()
            assert theirs.alive  # it is not ours to end
            await theirs.close()

    reply = asyncio.run(ask())
    assert reply.model == "local/SmolLM2-135M-Instruct.Q4_1"
    assert "LLAMA_SERVER_URL; weights not checked" in reply.origin.provenance


def test_own_server_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    async def ask() -> None:
        engine = LocalEngine()
        try:
            await engine.answer(asked("Hi"), [TINY])
        finally:
            await engine.shutdown()

    monkeypatch.setenv("LLAMA_SERVER_URL", "http://127.0.0.1:9")
    with pytest.raises(ApiError, match=r"LLAMA_SERVER_URL=http://127\.0\.0\.1:9"):
        asyncio.run(ask())


# Vectors


@pytest.fixture(scope="module")
def embedder(runner: asyncio.Runner) -> Iterator[Embedder]:
    """An embedder that keeps its model loaded."""
    require(MINILM)

    async def made() -> Embedder:
        return Embedder()

    embedder = runner.run(made())
    yield embedder
    runner.run(embedder.shutdown())


def test_vectors_have_length_one_and_say_where_they_are_from(runner: asyncio.Runner, embedder: Embedder) -> None:
    done = runner.run(embedder.embed(["a cat", "a dog", "a cat"]))
    assert done.model == f"local/{MINILM}"
    assert load_registry()[MINILM].files
    assert "sha256 53aa51172d14" in done.origin.provenance
    assert all(math.isclose(math.hypot(*vector), 1, abs_tol=1e-6) for vector in done.vectors)
    assert done.vectors[0] == done.vectors[2] != done.vectors[1]
    assert (done.tokens, done.cut) == (12, 0)


def test_text_longer_than_the_model_reads_is_counted_and_said(runner: asyncio.Runner, embedder: Embedder) -> None:
    done = runner.run(embedder.embed(["word " * 400]))
    assert (done.tokens, done.cut) == (256, 1)
    assert "1 of the texts" in done.origin.provenance


def test_documents_are_ordered_by_relevance(runner: asyncio.Runner, embedder: Embedder) -> None:
    documents = ("Stocks fell today.", "A dog barked.", "Puppies are young dogs.")
    reply = runner.run(embedder.rank(RerankRequest("cohere", "m", "dogs", documents, top_n=2)))
    assert [index for index, _ in reply.ranking] == [2, 1]
    assert all(0 <= relevance <= 1 for _, relevance in reply.ranking)


def test_length_that_the_vectors_do_not_have_is_refused(runner: asyncio.Runner, embedder: Embedder) -> None:
    assert len(runner.run(embedder.answer(EmbedRequest("openai", "m", ("x",), dimensions=384))).vectors[0]) == 384
    with pytest.raises(ApiError, match="dimensions=256"):
        runner.run(embedder.answer(EmbedRequest("openai", "m", ("x",), dimensions=256)))


def test_answer_nobody_waited_for_goes_to_nobody(runner: asyncio.Runner, embedder: Embedder) -> None:
    async def after_a_cancelled_one() -> tuple[int, int]:
        left = asyncio.create_task(embedder.embed(["someone else's"] * 20))
        await asyncio.sleep(0.01)
        left.cancel()
        await asyncio.gather(left, return_exceptions=True)
        done = await embedder.embed(["mine"])
        return len(done.vectors), done.tokens

    assert runner.run(after_a_cancelled_one()) == (1, 3)


def test_killed_embedder_is_reported_and_started_again(runner: asyncio.Runner, embedder: Embedder) -> None:
    async def killed_and_again() -> int:
        await embedder.embed(["x"])
        assert embedder.child is not None
        waiting = asyncio.create_task(embedder.embed(["word " * 200] * 64))
        await asyncio.sleep(0.3)
        os.kill(embedder.child.pid, signal.SIGKILL)
        with pytest.raises(ApiError, match="signal 9"):
            await waiting
        return len((await embedder.embed(["x"])).vectors)

    assert runner.run(killed_and_again()) == 1
