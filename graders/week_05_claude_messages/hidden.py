"""The hidden checks of lab 05: the stated behaviour on conversations, answers and faults drawn for each attempt.

Every case runs on both providers where the task has both. Answers are scripts that use the request's own words.
"""

from __future__ import annotations

import copy
from pathlib import Path
from random import Random
from typing import Any

from courseware.checks import Student, World, case, check
from courseware.checks.loading import load_module

# What visible and hidden checks share (clients, looking at what came over the wire), and what is drawn.
wire, draw = (load_module(Path(__file__).with_name(name)) for name in ("visible.py", "drawing.py"))

Json = dict[str, Any]
Turns = list[dict[str, str]]
RETRYABLE, PERMANENT = (408, 409, 429, 500, 502, 503, 529), (400, 401, 402, 403, 404, 413, 422, 499)


def names_of(request: Any) -> list[str]:
    """The fields that a request sets."""
    return sorted(name for name, value in request.items() if value is not None) if isinstance(request, dict) else []


@check("requests-hidden", points=8, title="Histories drawn for you", hidden=True)
def request_hidden(student: Student, world: World) -> None:
    rng = world.rng("history")
    with case("both providers read the same in one history", points=2, category="the same on both providers") as c:
        system, turns, model = draw.phrase(rng), draw.talk_of(rng, 5), rng.choice(draw.MODELS)
        expected = [["system", system], *([turn["role"], turn["text"]] for turn in turns)]
        for provider in wire.PROVIDERS:
            request = student.call(f"{provider}_request", model, system, turns, 90)
            with world.session(scenario=draw.MEMORY) as session:
                student.call("post", wire.client(provider, session), request)
                read = [exchange["request"] or {} for exchange in session.log()]
            c.equal([[one.get("model"), one.get("messages")] for one in read], [[model, expected]])
            c.equal(wire.system_of(provider, request), [system])
    with case("neighbours become one message, blank turns none", points=2, category="merging") as c:
        for provider in wire.PROVIDERS:
            for _ in range(4):
                turns, expected = draw.runs_of(rng)
                request = student.call(f"{provider}_request", draw.MODELS[0], draw.phrase(rng), turns)
                c.equal(wire.said(request), expected)
    with case("nothing but what is there", points=1, category="what may be missing") as c:
        limit = rng.randrange(2, 5000)
        for system in (None, *draw.BLANKS):
            for provider in wire.PROVIDERS:
                request = student.call(f"{provider}_request", draw.MODELS[1], system, draw.talk_of(rng, 1), limit)
                c.equal(names_of(request), sorted(["model", "messages", wire.LIMITS[provider]]))
                c.equal(wire.value_of(request, wire.LIMITS[provider]), limit)
                c.equal(wire.system_of(provider, request), [])
        request = student.call("openai_request", draw.MODELS[1], draw.phrase(rng), draw.talk_of(rng, 1))
        c.equal(names_of(request), ["messages", "model"])
        request = student.call("anthropic_request", draw.MODELS[1], draw.phrase(rng), draw.talk_of(rng, 1))
        c.equal(names_of(request), ["max_tokens", "messages", "model", "system"])
        c.equal(wire.value_of(request, "max_tokens"), 1024)
    _history(student, rng)
    with case("there and back again", points=1, category="round trip, arguments unchanged") as c:
        system, turns = draw.phrase(rng), draw.talk_of(rng, rng.randrange(3, 8))
        for provider in wire.PROVIDERS:
            request = student.call(f"{provider}_request", draw.MODELS[0], system, turns)
            back = student.observe(f"{provider}_history", request)
            c.equal(back.value, [system, turns])
            c.equal(back.args[0], request, "the request that was given has changed")
            runs, _ = draw.runs_of(rng)
            seen = student.observe(f"{provider}_request", draw.MODELS[0], system, runs)
            c.equal(seen.args[2], runs, "the turns that were given have changed")


def _history(student: Student, rng: Random) -> None:
    """The case about histories in other forms: blocks, several system texts, tools."""
    with case("histories that others wrote", points=2, category="histories in other forms") as c:
        first, second, third, fourth, one, two = (draw.phrase(rng) for _ in range(6))
        told = ({"role": "user", "text": first}, {"role": "assistant", "text": second + third})
        expected = [f"{one}\n\n{two}", [*told, {"role": "user", "text": fourth}]]
        blocks, thinking = (
            (draw.block(second), draw.block(third)),
            {"type": "thinking", "thinking": "…", "signature": "s"},
        )
        call = {"id": "call_1", "type": "function", "function": {"name": "look", "arguments": "{}"}}
        refusal = {"type": "refusal", "refusal": "…"}
        openai: list[Json] = [
            {"role": "developer", "content": [draw.block(one)]},
            {"role": "user", "content": first},
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "call_1", "content": "42"},
            {"role": "assistant", "content": [blocks[0], refusal, blocks[1]]},
            {"role": "system", "content": two},
            {"role": "user", "content": [draw.block(fourth)]},
        ]
        c.equal(student.call("openai_history", {"model": "m", "messages": openai}), expected)
        claude: list[Json] = [
            {"role": "user", "content": first},
            {"role": "assistant", "content": [{"type": "tool_use", "id": "toolu_1", "name": "look", "input": {}}]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "toolu_1", "content": "42"}]},
            {"role": "assistant", "content": [blocks[0], thinking, blocks[1]]},
            {"role": "user", "content": [draw.block(fourth)]},
            {"role": "system", "content": two},
        ]
        asked_for = {"model": "m", "max_tokens": 9, "messages": claude}
        c.equal(student.call("anthropic_history", asked_for | {"system": [draw.block(one)]}), expected)
        c.equal(student.call("anthropic_history", asked_for | {"system": one}), expected)
        c.equal(student.call("anthropic_history", asked_for), [two, expected[1]])
        plain = {"messages": [{"role": "user", "content": first}, {"role": "user", "content": fourth}]}
        talk = [{"role": "user", "text": first}, {"role": "user", "text": fourth}]
        for provider in wire.PROVIDERS:
            c.equal(student.call(f"{provider}_history", plain), ["", talk])


@check("exchange-hidden", points=10, title="Answers and failures drawn for you", hidden=True)
def send_hidden(student: Student, world: World) -> None:
    rng = world.rng("answers")
    _reading(student, rng)
    with case("one request, as it is", points=2, category="sending") as c:
        for provider in wire.PROVIDERS:
            city = rng.choice(draw.CITIES)
            talk = [f"I live in {city}.", *(draw.phrase(rng) for _ in range(3)), "Where?"]
            extra: Json = {"stop": [city[1:]], "temperature": 0.5}
            if provider == "anthropic":
                extra = {"system": draw.phrase(rng), "stop_sequences": [city[1:]]}
            for more, text in (({}, f"In {city}."), (extra, f"In {city[0]}")):
                request = wire.request_of(provider, *talk, limit=rng.randrange(20, 90)) | more
                with world.session(scenario=draw.MEMORY) as session:
                    reply = student.call(f"send_{provider}", wire.client(provider, session), request)
                    sent, tokens = wire.asked(session), wire.spent(session)
                c.equal([{name: body.get(name) for name in request} for body in sent], [request])
                c.equal(reply, [text, "end", *tokens, "scenario/memory", ""])
    _failing(student, world, rng)


def _reading(student: Student, rng: Random) -> None:
    """The cases about answers' bodies."""
    with case("every reason to stop", points=2, category="stop reasons") as c:
        openai = {"stop": "end", "length": "length", "tool_calls": "tools", "content_filter": "refusal"}
        claude = {"end_turn": "end", "stop_sequence": "end", "max_tokens": "length", "tool_use": "tools"}
        claude |= {"model_context_window_exceeded": "length", "refusal": "refusal", "pause_turn": "other"}
        unheard = {f"{rng.choice(draw.WORDS)}_{rng.randrange(100)}": "other"}
        for stop, neutral in (openai | {"function_call": "other"} | unheard).items():
            c.equal(wire.part(student.call("read_openai", draw.openai_body("…", stop)), 1), [neutral])
        refused = draw.openai_body(None, "stop", refusal="I cannot help with that.")
        c.equal(wire.part(student.call("read_openai", refused), 0, 1), ["", "refusal"])
        for stop, neutral in (claude | unheard).items():
            reply = student.call("read_anthropic", draw.anthropic_body([draw.block("…")], stop))
            c.equal(wire.part(reply, 1), [neutral])
    with case("text in any number of blocks", points=1, category="text of an answer") as c:
        one, two = draw.phrase(rng), draw.phrase(rng)
        thinking = {"type": "thinking", "thinking": draw.phrase(rng), "signature": "s"}
        use = {"type": "tool_use", "id": "toolu_1", "name": "look", "input": {"text": "x"}}
        for blocks, text in (
            ([draw.block(one), draw.block(two)], one + two),
            ([thinking, draw.block(one), use], one),
            ([use], ""),
            ([], ""),
        ):
            c.equal(wire.part(student.call("read_anthropic", draw.anthropic_body(blocks, "end_turn")), 0), [text])
        for content, text in ((one, one), (None, ""), ("", "")):
            c.equal(wire.part(student.call("read_openai", draw.openai_body(content, "stop")), 0), [text])
    with case("all tokens that were read", points=1, category="usage") as c:
        own, read, made, out = (rng.randrange(1, 4000) for _ in range(4))
        body = draw.anthropic_body([], "end_turn", input_tokens=own, output_tokens=out)
        for kept, total in (
            ({"cache_read_input_tokens": read, "cache_creation_input_tokens": made}, own + read + made),
            ({"cache_read_input_tokens": None, "cache_creation_input_tokens": made}, own + made),
            ({"cache_read_input_tokens": read}, own + read),
            ({}, own),
        ):
            one_body = copy.deepcopy(body)
            one_body["usage"] |= kept
            c.equal(wire.part(student.call("read_anthropic", one_body), 2, 3), [total, out])
        details = {"prompt_tokens_details": {"cached_tokens": min(own, 64)}, "total_tokens": own + out}
        usage = {"prompt_tokens": own, "completion_tokens": out, **details}
        c.equal(wire.part(student.call("read_openai", draw.openai_body("…", "stop", usage=usage)), 2, 3), [own, out])


def _failing(student: Student, world: World, rng: Random) -> None:
    """The cases about failures."""
    text = draw.phrase(rng)

    def outcomes(provider: str, faults: list[Json], **settings: Any) -> list[Any]:
        sender = student.get(f"send_{provider}")
        with world.session(scenario=draw.MEMORY, faults=faults) as session:
            reached = wire.client(provider, session, **settings)
            results = [student.call("outcome", sender, reached, wire.request_of(provider, text)) for _ in faults]
            return [*results, len(session.log())]

    for title, statuses, kind in (("that may pass", RETRYABLE, "Retryable"), ("that stay", PERMANENT, "Permanent")):
        with case(f"failures {title}", points=1, category=f"failures {title}") as c:
            drawn = rng.sample(statuses, len(statuses))
            faults: list[Json] = [{"on": number, "status": status} for number, status in enumerate(drawn, 1)]
            for provider in wire.PROVIDERS:
                *results, number = outcomes(provider, faults)
                c.equal([wire.part(result, 0, 1) for result in results], [[kind, None]] * len(drawn))
                c.equal(number, len(drawn), "more than one request was sent for a call")
    with case("what the provider says about it", points=1, category="waiting time and message") as c:
        for provider in wire.PROVIDERS:
            wait, status, words = rng.randrange(1, 99) / 8, rng.choice((429, 503, 529)), draw.phrase(rng)
            faults = [{"on": 1, "status": status, "retry_after_s": wait, "message": words}]
            faults.append({"on": 2, "status": rng.choice(PERMANENT), "message": words})
            *results, _ = outcomes(provider, faults)
            c.equal([wire.part(result, 0, 1) for result in results], [["Retryable", wait], ["Permanent", None]])
            for result in results:
                c.true(words in str(wire.part(result, 2)[0]), "the message does not hold the provider's words")
    with case("no answer, or half of one", points=1, category="no connection, no time, half an answer") as c:
        for provider in wire.PROVIDERS:
            sender = student.get(f"send_{provider}")
            gone = student.call("outcome", sender, draw.nobody(provider), wire.request_of(provider, text))
            *results, _ = outcomes(provider, [{"on": 1, "delay_s": 1.0}, {"on": 2, "cut_after": 1}], seconds=0.25)
            c.equal([wire.part(result, 0, 1) for result in (gone, *results)], [["Retryable", None]] * 3)


@check("budget-hidden", points=8, title="Budgets drawn for you", hidden=True)
def complete_hidden(student: Student, world: World) -> None:
    rng = world.rng("budgets")
    with (
        case("what the model reads is counted", points=2, category="counting") as c,
        world.session(scenario=draw.MEMORY) as s,
    ):
        claude = wire.client("anthropic", s)
        schema = {"type": "object", "properties": {draw.phrase(rng): {"type": "string"}}}
        tool = {"name": "look", "description": draw.phrase(rng, 5), "input_schema": schema}
        shaping = {"stop_sequences": [rng.choice(draw.WORDS)], "metadata": {"user_id": "7"}, "service_tier": "auto"}
        request = wire.request_of("anthropic", *(draw.phrase(rng) for _ in range(5))) | {"tools": [tool]}
        request["system"] = draw.phrase(rng)
        wanted = (request, request | shaping, request | shaping | {"stream": True})
        counted = [student.call("count_anthropic", claude, one) for one in wanted]
        c.equal({exchange["path"] for exchange in s.log()}, {"/v1/messages/count_tokens"}, "an answer was asked for")
        student.call("post", claude, request)
        c.equal(counted, wire.spent(s)[:1] * 3)
    _fitting(student, rng)
    _going_on(student, world, rng)


def _fitting(student: Student, rng: Random) -> None:
    """The cases about trimming."""

    def fitted(turns: Turns, window: int, answer: int) -> tuple[int, int]:
        counter = student.call("TokenCounter")
        end = student.call("fit", turns, counter, window, answer)
        kept = list(end) if isinstance(end, (list, tuple)) else [end]
        number = len(kept) if kept == turns[len(turns) - len(kept) :] else -1
        return number, len(student.call(counter.method("all")))

    with case("the longest end that fits, to the token", points=2, category="longest end") as c:
        for length in (7, 23):
            costs = [rng.randrange(5, 30) for _ in range(length)]
            turns, answer = wire.turns_of(*costs), rng.randrange(10, 90)
            for number in sorted({1, length, 2 * rng.randrange(1, length // 2) + 1}):
                exactly = sum(costs[-number:]) + answer
                c.equal(fitted(turns, exactly, answer)[0], number, "not the longest end that fits exactly")
                if number > 1:
                    c.equal(fitted(turns, exactly - 1, answer)[0], number - 2, "one token less, one pair of turns less")
        doubled = [*wire.turns_of(12), *wire.turns_of(13, 9, 8)]
        c.equal(fitted(doubled, 13 + 9 + 8 + 10, 10)[0], 3, "two user's turns in a row: the second may begin")
        c.equal(fitted(doubled, 12 + 13 + 9 + 8 + 10, 10)[0], 4, "two user's turns in a row: the first may begin")
    with case("few questions to the counter", points=1, category="calls of the counter") as c:
        turns = wire.turns_of(*(rng.randrange(5, 12) for _ in range(199)))
        for window in (10**6, 60, rng.randrange(300, 900)):
            number, calls = fitted(turns, window, 20)
            c.true(number > 0, "not an end of the turns")
            c.true(calls <= 16, "more than 16 calls for 199 turns")
        seen = student.observe("fit", turns, student.call("TokenCounter"), 400, 20)
        c.equal(seen.args[0], turns, "the turns that were given have changed")


def _going_on(student: Student, world: World, rng: Random) -> None:
    """The cases about answers that were cut."""

    def script(parts: list[str], last: str) -> Json:
        stops = ["length"] * (len(parts) - 1) + [last]
        rules = [{"when": {"turn": at}, "say": text, "stop": stops[at - 1]} for at, text in enumerate(parts, 1)]
        return {"name": "parts", "rules": rules}

    go_on = student.get("GO_ON")
    with case("as many requests as it takes, and all their text", points=1, category="going on") as c:
        for provider in wire.PROVIDERS:
            parts, turns = [draw.phrase(rng) + " " for _ in range(rng.randrange(2, 5))], draw.talk_of(rng, 1)
            with world.session(scenario=script(parts, "end")) as session:
                seen = student.observe("complete", wire.ask(student, provider, session), turns, 6)
                sent, tokens = wire.asked(session), wire.spent(session)
            c.equal(wire.part(seen.value, 0, 1, 2, 3, 4), ["".join(parts), "end", *tokens, "scenario/parts"])
            talk = [["user", turns[0]["text"]]]
            for text in parts[:-1]:
                talk += [["assistant", text], ["user", go_on]]
            c.equal([wire.said(body) for body in sent], [talk[: 2 * at + 1] for at in range(len(parts))])
            c.equal(seen.args[1], turns, "the turns that were given have changed")
    with case("no more requests than allowed", points=1, category="bound on requests") as c:
        for provider, rounds in zip(wire.PROVIDERS, (1, rng.randrange(2, 4)), strict=True):
            parts = [draw.phrase(rng) for _ in range(6)]
            with world.session(scenario=script(parts, "length")) as session:
                reply = student.call("complete", wire.ask(student, provider, session), draw.talk_of(rng, 1), rounds)
                c.equal(wire.part(reply, 0, 1), ["".join(parts[:rounds]), "length"])
                c.equal(len(session.log()), rounds)
    with case("no text, nothing to go on from", points=1, category="cut before the first word") as c:
        for provider in wire.PROVIDERS:
            parts = [draw.phrase(rng), "", draw.phrase(rng)]
            with world.session(scenario=script(parts, "end")) as session:
                reply = student.call("complete", wire.ask(student, provider, session), draw.talk_of(rng, 1), 5)
                c.equal([wire.part(reply, 0, 1), len(session.log())], [[parts[0], "length"], 2])


@check("chat-hidden", points=8, title="A provider goes away", hidden=True)
def chat_hidden(student: Student, world: World) -> None:
    rng = world.rng("chat")
    city = rng.choice(draw.CITIES)
    home, where = f"I live in {city}.", "Where do I live?"
    with case("the conversation survives the change", points=2, category="history across providers") as c:
        for first in wire.PROVIDERS:
            faults = [{"on": 2, "status": rng.choice((500, 503, 529))}]
            with draw.pair(student, world, first, faults, []) as (sessions, backends):
                chat = student.call("Chat", backends)
                replies = [wire.send(student, chat, text) for text in (home, where, "Are you sure?")]
                sent = [[wire.said(body) for body in wire.asked(session)] for session in sessions]
            talk = [["user", home], ["assistant", f"So it is {city}."], ["user", where], ["assistant", f"In {city}."]]
            talk.append(["user", "Are you sure?"])
            c.equal([wire.part(reply, 5) for reply in replies], [["A"], ["B"], ["A"]])
            c.equal(sent, [[talk[:1], talk[:3], talk], [talk[:3]]])
            c.equal(wire.part(replies[1], 0, 1, 4), [f"In {city}.", "end", "scenario/memory"])
    with case("a provider that is down", points=1, category="provider down") as c:
        for first in wire.PROVIDERS:
            with world.session(scenario=draw.MEMORY) as session:
                down = student.call("stand_in", draw.nobody(first), draw.MODELS[0])
                backends = [("gone", down), ("gone, too", down), ("here", wire.ask(student, first, session))]
                chat = student.call("Chat", backends)
                wire.send(student, chat, home)
                c.equal(wire.part(wire.send(student, chat, where), 0, 5), [f"In {city}.", "here"])
    _raising(student, world, rng, home, where)
    _waiting(student, world, rng, home)


def _raising(student: Student, world: World, rng: Random, home: str, where: str) -> None:
    """The cases in which nobody answers."""
    first = rng.choice(wire.PROVIDERS)
    with case("what is wrong is wrong everywhere", points=2, category="no failover") as c:
        faults = [{"on": 2, "status": 400}, {"on": 4, "status": rng.choice((401, 403, 404))}]
        with draw.pair(student, world, first, faults, []) as (sessions, backends):
            chat = student.call("Chat", backends)
            for _ in faults:
                wire.send(student, chat, home)
                with c.raises("Permanent"):
                    wire.send(student, chat, where)
            wire.send(student, chat, "Hello?")
            c.equal([len(session.log()) for session in sessions], [5, 0])
            roles = [role for role, _ in wire.said(wire.asked(sessions[0])[-1])]
            c.equal(roles, ["user", "assistant"] * 2 + ["user"], "a failed turn is still there")
    with case("nobody answers", points=1, category="all providers fail") as c:
        faults = [{"on": 2, "status": rng.choice((429, 500, 529))}]
        with draw.pair(student, world, first, faults, [{"on": 1, "status": 529}]) as (sessions, backends):
            chat = student.call("Chat", backends)
            wire.send(student, chat, home)
            with c.raises("Retryable"):
                wire.send(student, chat, where)
            c.equal(wire.part(wire.send(student, chat, where), 5), ["A"])
            c.equal([len(session.log()) for session in sessions], [3, 1])
            roles = [role for role, _ in wire.said(wire.asked(sessions[0])[-1])]
            c.equal(roles, ["user", "assistant", "user"], "the failed turn is still there")


def _waiting(student: Student, world: World, rng: Random, home: str) -> None:
    """The cases about patience."""
    first = rng.choice(wire.PROVIDERS)
    patience = rng.randrange(3, 7) / 2
    with case("a wait, and one more try", points=1, category="waiting") as c:
        faults = _faults(patience, "works", patience, 0.25, 0.125, None)
        with draw.pair(student, world, first, faults, []) as (_, backends):
            found = [_answered(student, backends, home, patience_s=patience) for _ in range(3)]
        c.equal(found, [["A", [patience]], ["B", [patience]], ["B", [0.125]]])
    with case("no longer than patience lasts", points=1, category="patience") as c:
        faults = _faults(patience + 0.125, 60.0, None, 1.0, "works", 1.125)
        with draw.pair(student, world, first, faults, []) as (_, backends):
            found = [_answered(student, backends, home, patience_s=patience) for _ in range(3)]
            found += [_answered(student, backends, home) for _ in range(2)]
        c.equal(found, [["B", []], ["B", []], ["B", []], ["A", [1.0]], ["B", []]])


def _faults(*waits: Any) -> list[Json]:
    """One overload for each wait that is asked for (None: for none), but none where it says "works"."""
    faults: list[Json] = [{"on": at, "status": 429, "retry_after_s": wait} for at, wait in enumerate(waits, 1)]
    return [fault for fault in faults if fault["retry_after_s"] != "works"]


def _answered(student: Student, backends: Any, text: str, **settings: Any) -> list[Any]:
    """Who answered a new Chat, and the waits before."""
    naps = student.call("Naps")
    chat = student.call("Chat", backends, sleep=naps, **settings)
    return [*wire.part(wire.send(student, chat, text), 5), student.call(naps.method("all"))]
