"""The registry file: what the course's own holds, and what is said of one that is wrong."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

import courseware.models
from courseware.models import UnknownModel, load_registry
from courseware.models.errors import RegistryError
from courseware.models.registry import HubSource, PackageSource

GOOD = """
[models.tiny]
kind = "gguf"
title = "t"
licence = "MIT"
page = "https://example.org"
files = [{ name = "w.gguf", sha256 = "%s", bytes = 3 }]
sources = [
    { packages = "p{part}==1", parts = 2, member = "d/{part:02d}/{file}" },
    { url = "https://example.org/{file}" },
]
""" % ("0" * 64)


@pytest.fixture
def load(tmp_path):
    def load_text(text):
        path = tmp_path / "registry.toml"
        path.write_text(text)
        return load_registry(path)

    return load_text


@pytest.fixture(scope="module")
def course():
    return load_registry()


def test_the_course_registry_has_the_six_models(course):
    assert list(course.models) == [
        "all-minilm-l6-v2",
        "qwen2.5-coder-1.5b-instruct-q4_k_m",
        "qwen2.5-coder-0.5b-instruct-q4_k_m",
        "smollm2-135m-instruct-q4_1",
        "cl100k_base",
        "o200k_base",
    ]


def test_every_model_has_the_publisher_first_then_packages_and_sizes(course):
    for model in course.models.values():
        assert [type(source) for source in model.sources] == [HubSource, PackageSource]
        assert model.bytes is not None


def test_tiktoken_files_are_named_by_the_sha1_of_their_address(course):
    for model in course.of_kind("tiktoken"):
        url = model.sources[0].url
        assert model.files[0].name == hashlib.sha1(url.encode()).hexdigest()


def test_tiktoken_pins_are_the_ones_tiktoken_expects(course):
    public = pytest.importorskip("tiktoken_ext.openai_public")
    source = re.findall(r'"([0-9a-f]{64})"', Path(public.__file__).read_text(encoding="utf-8"))
    assert {model.files[0].sha256 for model in course.of_kind("tiktoken")} <= set(source)


def test_parts_are_counted_and_padded(load):
    model = load(GOOD)["tiny"]
    parts = model.sources[0].parts_of(model.files[0])
    assert [(part.requirement, part.member) for part in parts] == [("p1==1", "d/01/w.gguf"), ("p2==1", "d/02/w.gguf")]


def test_an_unknown_name_lists_the_known_ones(load):
    with pytest.raises(UnknownModel, match=r"'big'; known: tiny"):
        load(GOOD)["big"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('kind = "gguf"', 'kind = "pickle"', "kind must be one of"),
        ('title = "t"', "title = 3", "title must be a non-empty string, found 3"),
        ("bytes = 3", "bytes = -3", "bytes must be a positive whole number, found -3"),
        ("bytes = 3", "bytes = true", "found True"),
        ("bytes = 3", "size = 3", "unknown key 'size'"),
        ("0" * 64, "0" * 40, "64 small hexadecimal digits"),
        ("w.gguf", "../w.gguf", "relative path inside"),
        ("w.gguf", "/etc/w.gguf", "relative path inside"),
        ("w.gguf", "C:w.gguf", "relative path inside"),
        ("p{part}==1", "p{part}", "NAME==VERSION"),
        ("{part:02d}", "{number}", r"\{file\} and \{part\} only"),
        ("https://example.org/{file}", "ftp://example.org", "url must match"),
        ("[models.tiny]", "[models.Tiny]", "small letters"),
        ("[models.tiny]", "[other.tiny]", "expected a table"),
        ("[models.tiny]", "[models.tiny", "cannot read the model registry"),
        ("bytes = 3 }]", 'bytes = 3 }, { name = "v", sha256 = "%s" }]' % ("1" * 64), "has one file, found 2"),
    ],
)
def test_a_wrong_registry_says_what_and_where(load, old, new, said):
    assert old in GOOD
    with pytest.raises(RegistryError, match=said) as failed:
        load(GOOD.replace(old, new))
    assert "registry.toml" in str(failed.value)


def test_a_missing_registry_file_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_MODEL_REGISTRY", str(tmp_path / "gone.toml"))
    with pytest.raises(RegistryError, match=r"gone\.toml"):
        load_registry()


def test_every_public_name_exists():
    assert courseware.models.__all__ == sorted(courseware.models.__all__, key=lambda name: (name.islower(), name))
    for name in courseware.models.__all__:
        assert hasattr(courseware.models, name)
