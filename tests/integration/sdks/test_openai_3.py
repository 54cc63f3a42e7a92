"""The next major of OpenAI's SDK, in an environment of its own, since frameworks hold the course's one below it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from courseware.gateway import SessionHandle

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
VERSION = "3.54.0"
HELLO = "Hello from the script, word by word."
SCRIPT = """
import sys
from importlib.metadata import version
from openai import OpenAI
from pydantic import BaseModel

class City(BaseModel):
    city: str
    celsius: int

url, key, hello = sys.argv[1:]
client = OpenAI(base_url=url, api_key=key, max_retries=0)
ask = {"model": "course-small", "messages": [{"role": "user", "content": "Hello?"}]}
weather = {**ask, "messages": [{"role": "user", "content": "Weather in Oslo?"}]}
tool = {"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object", "properties": {}}}}
assert version("openai").startswith("3."), version("openai")
assert client.chat.completions.create(**ask).choices[0].message.content == hello
pieces = client.chat.completions.create(**ask, stream=True)
assert "".join(piece.choices[0].delta.content or "" for piece in pieces) == hello
called = client.chat.completions.create(**weather, tools=[tool]).choices[0].message.tool_calls
assert called[0].function.name == "get_weather", called
assert client.chat.completions.parse(**ask, response_format=City).choices[0].message.parsed.city == "Oslo"
first = client.responses.create(model="course-small", input="Hello?")
events = list(client.responses.create(model="course-small", input="And?", previous_response_id=first.id, stream=True))
assert events[-1].response.output_text == hello
assert len(client.embeddings.create(model="course-embed", input="one").data[0].embedding) == 384
print("all answered")
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with that major alone, from the package index."""
    folder = tmp_path_factory.mktemp("openai3")
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    python = folder / "bin" / "python"
    subprocess.run([str(python), "-m", "pip", "install", "--quiet", f"openai=={VERSION}"], check=True)
    return python


def test_openai_3_gets_what_openai_2_gets(python: Path, session: SessionHandle) -> None:
    command = [str(python), "-c", SCRIPT, session.openai_url, session.token, HELLO]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.stdout == "all answered\n", ran.stderr
