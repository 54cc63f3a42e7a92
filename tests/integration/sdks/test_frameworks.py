"""Frameworks that sit on the SDKs reach the gateway too: LangChain, LlamaIndex, Instructor, RAGAS."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from pydantic import BaseModel

from courseware.gateway import SessionHandle

MODEL = "course-small"
HELLO = "Hello from the script, word by word."
# What the frameworks warn of in their own code is theirs to mend.
pytestmark = pytest.mark.filterwarnings("ignore")


class City(BaseModel):
    """What the scripted model knows of a city."""

    city: str
    celsius: int


def get_weather(city: str) -> str:
    """The weather in a city now."""
    return f"21 degrees in {city}"


@contextmanager
def langchain_openai(session: SessionHandle) -> Iterator[Any]:
    from langchain_openai import ChatOpenAI

    with httpx.Client() as http:
        address = {"base_url": session.openai_url, "api_key": session.token, "http_client": http}
        yield ChatOpenAI(model=MODEL, max_retries=0, **address)


@contextmanager
def langchain_anthropic(session: SessionHandle) -> Iterator[Any]:
    from langchain_anthropic import ChatAnthropic

    model = ChatAnthropic(model=MODEL, base_url=session.anthropic_url, api_key=session.token, max_retries=0)
    yield model
    model._client.close()


@pytest.mark.parametrize("made", [langchain_openai, langchain_anthropic])
def test_langchain_answers_streams_calls_and_parses(session: SessionHandle, made: Any) -> None:
    with made(session) as model:
        answers_streams_calls_and_parses(model)


def answers_streams_calls_and_parses(model: Any) -> None:
    assert model.invoke("Hello?").text == HELLO
    assert "".join(piece.text for piece in model.stream("Hello?")) == HELLO
    called = model.bind_tools([get_weather]).invoke("Weather in Oslo?").tool_calls
    assert [(call["name"], call["args"]) for call in called] == [("get_weather", {"city": "Oslo"})]
    assert model.with_structured_output(City).invoke("A city, please.") == City(city="Oslo", celsius=21)


def test_llama_index_answers_streams_and_calls(session: SessionHandle) -> None:
    from llama_index.core.tools import FunctionTool
    from llama_index.llms.openai_like import OpenAILike

    kind = {"is_chat_model": True, "is_function_calling_model": True, "max_retries": 0}
    with httpx.Client() as http:
        address = {"api_base": session.openai_url, "api_key": session.token, "http_client": http}
        model = OpenAILike(model=MODEL, **address, **kind)
        assert model.complete("Hello?").text == HELLO
        assert [piece.text for piece in model.stream_complete("Hello?")][-1] == HELLO
        answer = model.chat_with_tools([FunctionTool.from_defaults(get_weather)], user_msg="Weather in Oslo?")
        assert [call.tool_kwargs for call in model.get_tool_calls_from_response(answer)] == [{"city": "Oslo"}]


def test_instructor_parses_a_class(session: SessionHandle) -> None:
    import instructor
    from openai import OpenAI

    with OpenAI(base_url=session.openai_url, api_key=session.token, max_retries=0) as plain:
        client = instructor.from_openai(plain)
        messages = [{"role": "user", "content": "A city, please."}]
        found = client.chat.completions.create(model=MODEL, messages=messages, response_model=City, max_retries=1)
    assert (found.city, found.celsius) == ("Oslo", 21)  # of a class that instructor derives from ours


def test_ragas_model_gives_a_class(session: SessionHandle) -> None:
    from openai import AsyncOpenAI
    from ragas.llms import llm_factory

    async def ask() -> City:
        async with AsyncOpenAI(base_url=session.openai_url, api_key=session.token, max_retries=0) as client:
            model = llm_factory(MODEL, client=client)
            return await model.agenerate("A city, please.", response_model=City)

    found = asyncio.run(ask())
    assert (found.city, found.celsius) == ("Oslo", 21)  # of a class that instructor derives from ours
