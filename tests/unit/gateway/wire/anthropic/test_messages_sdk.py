"""Anthropic's own SDK reads every answer of the Messages endpoint."""

from __future__ import annotations

from typing import Any

import anthropic
import pytest
from anthropic import beta_tool
from pydantic import BaseModel

from courseware.gateway.errors import ApiError
from courseware.gateway.exchange import Call, Citation, Result, Stop, Text, TextDelta, Total, Usage

ASK: dict[str, Any] = {
    "model": "course-small",
    "max_tokens": 100,
    "messages": [{"role": "user", "content": "What is a token?"}],
}
WEATHER: Any = {
    "name": "weather",
    "description": "The weather in a city.",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}
CALLS = (Call("weather", {"city": "Zürich"}), Call("weather", {"city": "Bern"}))
PAPER = "The sky is blue. Grass is green."
CITING: Any = {
    **ASK,
    "messages": [
        {
            "role": "user",
            "content": [
                {
                    "type": "document",
                    "source": {"type": "text", "media_type": "text/plain", "data": PAPER},
                    "title": "Colours",
                    "citations": {"enabled": True},
                },
                {"type": "text", "text": "What colour is the sky?"},
            ],
        }
    ],
}


class City(BaseModel):
    name: str
    people: int


def test_plain(claude: anthropic.Anthropic, wire: Any, say: Any) -> None:
    wire.replies = [say("A piece of text.", usage=Usage(12, 5))]
    message = claude.messages.create(**ASK)
    assert (message.content[0].text, message.stop_reason, message.model) == (
        "A piece of text.",
        "end_turn",
        "scenario/test",
    )
    assert (message.usage.input_tokens, message.usage.output_tokens) == (12, 5)
    assert message.id.startswith("msg_")


def test_stream_says_the_same_as_the_whole(claude: anthropic.Anthropic, wire: Any, say: Any) -> None:
    wire.replies = [say("Looking up both.", *CALLS, stop="tool_calls", usage=Usage(9, 4))] * 2
    whole = claude.messages.create(**ASK)
    with claude.messages.stream(**ASK) as stream:
        streamed = stream.get_final_message()
    assert [block.to_dict() | {"id": ""} for block in streamed.content] == [
        block.to_dict() | {"id": ""} for block in whole.content
    ]
    assert (streamed.stop_reason, streamed.usage.input_tokens, streamed.usage.output_tokens) == ("tool_use", 9, 4)


def test_stream_of_text(claude: anthropic.Anthropic, wire: Any, say: Any) -> None:
    wire.replies = [say("A piece of text.")]
    with claude.messages.stream(**ASK) as stream:
        assert "".join(stream.text_stream) == "A piece of text."
        assert stream.get_final_text() == "A piece of text."


def test_stream_events_in_order(claude: anthropic.Anthropic, wire: Any, say: Any) -> None:
    wire.replies = [say("Yes.", CALLS[1], stop="tool_calls")]
    types = [event.type for event in claude.messages.create(**ASK, stream=True)]
    assert types == [
        "message_start",
        "content_block_start",
        "content_block_delta",
        "content_block_stop",
        "content_block_start",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
    ]


def test_parallel_tools_over_two_turns(claude: anthropic.Anthropic, wire: Any, say: Any) -> None:
    wire.replies = [say("Looking.", *CALLS, stop="tool_calls"), say("Rain in both.")]
    first = claude.messages.create(**ASK, tools=[WEATHER])
    uses = [block for block in first.content if block.type == "tool_use"]
    results = [{"type": "tool_result", "tool_use_id": use.id, "content": "rain"} for use in uses]
    turns: Any = [*ASK["messages"], first.to_param(), {"role": "user", "content": results}]
    second = claude.messages.create(**{**ASK, "messages": turns}, tools=[WEATHER])
    assert [use.input for use in uses] == [{"city": "Zürich"}, {"city": "Bern"}]
    assert second.content[0].text == "Rain in both."
    assert [part for message in wire.asked[1].messages[2:] for part in message.parts] == [
        Result(use.id, "rain") for use in uses
    ]


def test_tool_runner_without_threads(claude: anthropic.Anthropic, wire: Any, say: Any) -> None:
    @beta_tool
    def add(a: int, b: int) -> str:
        """Add two numbers.

        Args:
            a: One.
            b: The other.
        """
        return str(a + b)

    wire.replies = [say(Call("add", {"a": 2, "b": 3}), stop="tool_calls"), say("It is 5.")]
    last = claude.beta.messages.tool_runner(**ASK, tools=[add], thread=False).until_done()
    assert last.content[0].text == "It is 5."
    assert wire.asked[1].messages[-1].parts[0].text == "5"


def test_tool_runner_with_threads_is_told_how_to_do_without(claude: anthropic.Anthropic) -> None:
    @beta_tool
    def now() -> str:
        """The time."""
        return "noon"

    with pytest.raises(anthropic.BadRequestError, match="thread=False"):
        claude.beta.messages.tool_runner(**ASK, tools=[now]).until_done()


def test_parse_into_a_class(claude: anthropic.Anthropic, wire: Any, say: Any) -> None:
    wire.replies = [say('{"name": "Bern", "people": 137000}')]
    message = claude.messages.parse(**ASK, output_format=City)
    assert message.parsed_output == City(name="Bern", people=137000)
    assert wire.asked[0].format.kind == "schema"
    assert wire.asked[0].format.schema["required"] == ["name", "people"]


def test_stream_into_a_class(claude: anthropic.Anthropic, wire: Any, say: Any) -> None:
    wire.replies = [say('{"name": "Bern", "people": 137000}')]
    with claude.messages.stream(**ASK, output_format=City) as stream:
        assert stream.get_final_message().parsed_output == City(name="Bern", people=137000)


def test_a_parsed_answer_can_be_sent_back(claude: anthropic.Anthropic, wire: Any, say: Any) -> None:
    wire.replies = [say('{"name": "Bern", "people": 137000}'), say("Yes.")]
    first = claude.messages.parse(**ASK, output_format=City)
    turns: Any = [*ASK["messages"], first.to_param(), {"role": "user", "content": "Sure?"}]
    assert claude.messages.create(**{**ASK, "messages": turns}).content[0].text == "Yes."


@pytest.mark.parametrize(
    ("stop", "sequence", "reason"),
    [
        ("end", None, "end_turn"),
        ("length", None, "max_tokens"),
        ("stop_sequence", "###", "stop_sequence"),
        ("tool_calls", None, "tool_use"),
    ],
)
@pytest.mark.parametrize("streamed", [False, True])
def test_stop_reasons(
    claude: anthropic.Anthropic, wire: Any, say: Any, stop: str, sequence: str | None, reason: str, streamed: bool
) -> None:
    wire.replies = [say("One.", stop=stop, stop_sequence=sequence)]
    if streamed:
        with claude.messages.stream(**ASK) as stream:
            message: Any = stream.get_final_message()
    else:
        message = claude.messages.create(**ASK)
    assert (message.stop_reason, message.stop_sequence) == (reason, sequence)


def test_usage_of_the_cache(claude: anthropic.Anthropic, wire: Any, say: Any) -> None:
    wire.replies = [say("Yes.", usage=Usage(5000, 7, cached=3000, cache_written=1500, cache_written_1h=1000))]
    usage = claude.messages.create(**ASK).usage
    assert (usage.input_tokens, usage.cache_read_input_tokens, usage.cache_creation_input_tokens) == (500, 3000, 1500)
    assert usage.cache_creation is not None
    assert usage.cache_creation.ephemeral_5m_input_tokens == 500
    assert usage.cache_creation.ephemeral_1h_input_tokens == 1000


def test_citations_whole(claude: anthropic.Anthropic, wire: Any, say: Any) -> None:
    wire.replies = [say(Text("Blue", (Citation(0, 0, 16),)), Text(", it says."))]
    first, second = claude.messages.create(**CITING).content
    assert first.type == "text"
    assert first.citations is not None
    assert first.citations[0].to_dict() == {
        "type": "char_location",
        "cited_text": "The sky is blue.",
        "document_index": 0,
        "document_title": "Colours",
        "start_char_index": 0,
        "end_char_index": 16,
        "file_id": None,
    }
    assert second.type == "text"
    assert second.citations is None


def test_citations_streamed(claude: anthropic.Anthropic, wire: Any, say: Any) -> None:
    one, other = Citation(0, 0, 16), Citation(0, 17, 32)
    wire.replies = [say()]
    wire.deltas = [
        TextDelta("It says: "),
        TextDelta("blue", starts=True),
        TextDelta("", citations=(one,)),
        TextDelta("", citations=(other,)),
        TextDelta(", really."),
        Stop("end"),
        Total(Usage(9, 9)),
    ]
    with claude.messages.stream(**CITING) as stream:
        events = [event.citation.cited_text for event in stream if event.type == "citation"]
        content = stream.get_final_message().content
    assert events == ["The sky is blue.", "Grass is green."]
    assert [(block.text, len(block.citations or ())) for block in content if block.type == "text"] == [
        ("It says: ", 0),
        ("blue", 2),
        (", really.", 0),
    ]


def test_citations_streamed_are_those_of_the_whole(claude: anthropic.Anthropic, wire: Any, say: Any) -> None:
    parts = (Text("It says: "), Text("blue", (Citation(0, 0, 16),)), Text(", really."))
    wire.replies = [say(*parts), say(*parts)]
    with claude.messages.stream(**CITING) as stream:
        streamed = [block.to_dict() for block in stream.get_final_message().content]
    assert streamed == [block.to_dict() for block in claude.messages.create(**CITING).content]


def test_an_answer_with_citations_can_be_sent_back(claude: anthropic.Anthropic, wire: Any, say: Any) -> None:
    wire.replies = [say(Text("Blue", (Citation(0, 0, 16),)), Text(", it says.")), say("Green.")]
    first = claude.messages.create(**CITING)
    turns = [*CITING["messages"], first.to_param(), {"role": "user", "content": "And grass?"}]
    claude.messages.create(**{**CITING, "messages": turns})
    assert wire.asked[1].messages[1].parts == (Text("Blue, it says."),)


def test_count_tokens(claude: anthropic.Anthropic, wire: Any) -> None:
    wire.replies = [42]
    counted = claude.messages.count_tokens(model="course-small", messages=ASK["messages"], tools=[WEATHER], system="Be")
    assert counted.input_tokens == 42
    assert wire.asked[0].extras == {"count_only": True}


def test_sampling_for_an_old_version(claude: anthropic.Anthropic, wire: Any, say: Any) -> None:
    wire.replies = [say("Yes.")]
    sampling = {"temperature": 0, "top_p": 0.5, "top_k": 3}
    claude.messages.create(
        **ASK | {"model": "claude-haiku-4-5"},
        extra_body=sampling,
        extra_headers={"anthropic-version": "2023-06-01"},
    )
    asked = wire.asked[0].sampling
    assert (asked.temperature, asked.top_p, asked.top_k) == (0.0, 0.5, 3)


ERRORS = [
    ("invalid_request", anthropic.BadRequestError, "invalid_request_error"),
    ("authentication", anthropic.AuthenticationError, "authentication_error"),
    ("permission", anthropic.PermissionDeniedError, "permission_error"),
    ("not_found", anthropic.NotFoundError, "not_found_error"),
    ("too_large", anthropic.ContentTooLargeError, "request_too_large"),
    ("rate_limit", anthropic.RateLimitError, "rate_limit_error"),
    ("server", anthropic.InternalServerError, "api_error"),
    ("timeout", anthropic.InternalServerError, "timeout_error"),
    ("overloaded", anthropic.InternalServerError, "overloaded_error"),
]


@pytest.mark.parametrize(("kind", "raised", "name"), ERRORS)
def test_errors(claude: anthropic.Anthropic, wire: Any, kind: Any, raised: Any, name: str) -> None:
    wire.replies = [ApiError(kind, "no more")]
    with pytest.raises(raised) as caught:
        claude.messages.create(**ASK)
    body = {"type": "error", "error": {"type": name, "message": "no more"}, "request_id": "req_1"}
    assert (caught.value.body, caught.value.request_id, caught.value.type) == (body, "req_1", name)


def test_an_error_in_mid_stream_is_raised(claude: anthropic.Anthropic, wire: Any, say: Any) -> None:
    wire.replies, wire.breaks = [say("A piece of text.")], ApiError("overloaded", "too busy")
    heard = []
    with claude.messages.stream(**ASK) as stream, pytest.raises(anthropic.APIStatusError) as caught:
        heard += stream.text_stream
    assert (heard, caught.value.type, caught.value.api_message) == (["A"], "overloaded_error", "too busy")


def test_usage_known_before_the_answer_stands_in_the_first_event(say: Any, wire: Any) -> None:

    from courseware.gateway.wire.anthropic import ENDPOINTS
    from courseware.gateway.wire.endpoint import Head

    endpoint = ENDPOINTS[0]
    request = endpoint.parse({**ASK, "stream": True}, {"anthropic-version": "2026-10-21"}, {})
    assert endpoint.encoder is not None
    encoder = endpoint.encoder(request, Head("s", "m", 1, Usage(30, 0, cached=10)))
    assert b'"input_tokens":20,' in encoder.open()
