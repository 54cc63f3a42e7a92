"""Cohere's, Google's and Ollama's clients, unmodified, get what they ask for."""

from __future__ import annotations

from collections.abc import Iterator

import cohere
import httpx
import ollama
import pytest
from google import genai
from google.genai import types
from pydantic import BaseModel

from courseware.gateway import SessionHandle

MODEL = "course-small"
HELLO = "Hello from the script, word by word."
PARAMETERS = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}


class City(BaseModel):
    """What the scripted model knows of a city."""

    city: str
    celsius: int


@pytest.fixture
def gemini(session: SessionHandle) -> Iterator[genai.Client]:
    options = types.HttpOptions(base_url=session.anthropic_url)
    with genai.Client(api_key=session.token, http_options=options) as client:
        yield client


@pytest.fixture
def local(session: SessionHandle) -> Iterator[ollama.Client]:
    client = ollama.Client(host=session.anthropic_url, headers={"authorization": f"Bearer {session.token}"})
    yield client
    client.close()


def test_cohere_embeds_and_ranks(session: SessionHandle) -> None:
    documents = ["blue sky", "red apples grow"]
    with httpx.Client() as http:
        client = cohere.ClientV2(api_key=session.token, base_url=session.anthropic_url, httpx_client=http)
        found = client.embed(
            model="course-embed", input_type="search_query", embedding_types=["float"], texts=documents
        ).embeddings.float_
        assert [len(vector) for vector in found] == [384, 384]
        ranked = client.rerank(model="course-embed", query="red apples", documents=documents, top_n=1)
        assert ranked.results[0].index == 1


def test_gemini_answers_streams_calls_and_parses(gemini: genai.Client) -> None:
    assert gemini.models.generate_content(model=MODEL, contents="Hello?").text == HELLO
    pieces = gemini.models.generate_content_stream(model=MODEL, contents="Hello?")
    assert "".join(piece.text or "" for piece in pieces) == HELLO
    declared = types.FunctionDeclaration(name="get_weather", parameters_json_schema=PARAMETERS)
    config = types.GenerateContentConfig(tools=[types.Tool(function_declarations=[declared])])
    called = gemini.models.generate_content(model=MODEL, contents="Weather in Oslo?", config=config)
    assert [(call.name, call.args) for call in called.function_calls] == [("get_weather", {"city": "Oslo"})]
    form = {"response_mime_type": "application/json", "response_schema": City}
    answer = gemini.models.generate_content(model=MODEL, contents="A city, please.", config=form)
    assert answer.parsed == City(city="Oslo", celsius=21)


def test_ollama_answers_streams_calls_and_keeps_to_a_schema(local: ollama.Client) -> None:
    messages = [{"role": "user", "content": "Hello?"}]
    assert local.chat(model=MODEL, messages=messages).message.content == HELLO
    pieces = local.chat(model=MODEL, messages=messages, stream=True)
    assert "".join(piece.message.content or "" for piece in pieces) == HELLO
    tool = {"type": "function", "function": {"name": "get_weather", "parameters": PARAMETERS}}
    asked = [{"role": "user", "content": "Weather in Oslo?"}]
    call = local.chat(model=MODEL, messages=asked, tools=[tool]).message.tool_calls[0]
    assert (call.function.name, dict(call.function.arguments)) == ("get_weather", {"city": "Oslo"})
    kept = local.chat(model=MODEL, messages=messages, format=City.model_json_schema())
    assert City.model_validate_json(kept.message.content) == City(city="Oslo", celsius=21)


def test_ollama_lists_models(local: ollama.Client) -> None:
    assert MODEL in [model.model for model in local.list().models]
