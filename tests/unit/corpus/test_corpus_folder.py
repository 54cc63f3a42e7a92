"""`course data`: what it writes, what it refuses, what it says."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import zipfile
from pathlib import Path

import pytest

from courseware.cli import main
from courseware.corpus import Corpus, FolderRefused, factbook_sections, write_folder
from courseware.corpus.real import docstrings


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="module")
def folder(small: Corpus, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("data") / "company"
    write_folder(small, target)
    return target


def test_every_document_of_the_manifest_is_there_with_its_hash(folder: Path) -> None:
    with zipfile.ZipFile(folder / "files" / "slack" / "export.zip") as chat:
        for row in lines(folder / "documents.jsonl"):
            path = str(row["path"])
            inside = path.removeprefix("slack/export.zip#")
            data = chat.read(inside) if inside != path else (folder / "files" / path).read_bytes()
            assert hashlib.sha256(data).hexdigest() == row["sha256"]


def test_spans_on_disk_point_into_texts_on_disk(folder: Path) -> None:
    texts = {row["id"]: str(row["text"]) for row in lines(folder / "texts.jsonl")}
    spans = lines(folder / "spans.jsonl")
    assert len(spans) > 200
    for span in spans:
        start, end = int(str(span["start"])), int(str(span["end"]))
        assert texts[span["doc_id"]][start:end] == span["text"]


def test_a_chat_export_has_users_channels_and_threads(folder: Path) -> None:
    with zipfile.ZipFile(folder / "files" / "slack" / "export.zip") as chat:
        users = {user["id"] for user in json.loads(chat.read("users.json"))}
        channels = {channel["name"] for channel in json.loads(chat.read("channels.json"))}
        days = [name for name in chat.namelist() if "/" in name]
        messages = [message for day in days for message in json.loads(chat.read(day))]
    assert {day.split("/")[0] for day in days} == channels
    assert {message["user"] for message in messages} <= users
    assert any("reply_count" in message for message in messages)
    stamps = {message["ts"] for message in messages}
    assert {message["thread_ts"] for message in messages if "thread_ts" in message} <= stamps


def test_the_database_holds_what_the_csv_files_hold(folder: Path) -> None:
    with sqlite3.connect(folder / "tables" / "shop.sqlite") as database:
        (orders,) = database.execute("SELECT count(*) FROM orders JOIN products ON product = products.id").fetchone()
    database.close()
    assert orders == len((folder / "tables" / "orders.csv").read_text(encoding="utf-8").splitlines()) - 1


def test_no_hidden_question_is_written(folder: Path) -> None:
    assert sorted(path.stem for path in (folder / "questions").iterdir()) == ["rag_public", "rag_tuning", "retrieval"]


def test_an_earlier_corpus_is_replaced_as_a_whole(small: Corpus, tmp_path: Path) -> None:
    write_folder(small, tmp_path / "company")
    (tmp_path / "company" / "left_over.txt").write_text("old")
    write_folder(small, tmp_path / "company")
    assert not (tmp_path / "company" / "left_over.txt").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["company"]


def test_a_folder_with_other_things_is_left_alone(small: Corpus, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(FolderRefused, match=r"holds other things and is left alone; name an empty folder with --to"):
        write_folder(small, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_build_says_what_it_made_and_where(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "build", "--edition", "golden", "--to", str(tmp_path / "c")]) == 0
    said = capsys.readouterr()
    assert "12 documents" in said.out
    assert str(tmp_path / "c") in said.out
    assert said.err.splitlines()[-1] == "12 of 12 documents"


def test_build_can_answer_a_script(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "build", "--edition", "golden", "--json", "--to", str(tmp_path / "c")]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["folder"], said["documents"]) == (str(tmp_path / "c"), 12)


def test_an_unknown_edition_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "build", "--edition", "huge"]) == 2
    assert capsys.readouterr().err == "no edition 'huge'; choose one of golden, small, standard, large\n"


def test_a_file_in_the_way_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "c").write_text("a file")
    assert main(["data", "build", "--edition", "golden", "--to", str(tmp_path / "c")]) == 3
    assert capsys.readouterr().err.splitlines()[-1] == f"{tmp_path / 'c'} is a file; name a folder with --to"


def test_list_shows_what_is_built(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COURSE_DATA", str(tmp_path))
    main(["data", "build", "--edition", "golden"])
    capsys.readouterr()
    assert main(["data", "list", "--json"]) == 0
    states = {row["name"]: row["state"] for row in json.loads(capsys.readouterr().out)["corpora"]}
    assert states["company golden"] == "built"
    assert states["company small"] == "not built"
    assert states["factbook"] == "installed"


def test_the_factbook_has_its_sections_with_metadata() -> None:
    sections = factbook_sections()
    chad = next(section for section in sections if section.id == "cd/Geography")
    assert len(sections) == 2968
    assert chad.metadata["country"] == "Chad"
    assert "<p>" not in chad.text


def test_docstrings_are_read_without_importing_what_they_are_in(tmp_path: Path) -> None:
    module = tmp_path / "loud.py"
    text = "Say something that is long enough to be worth a search, which takes about eighty characters."
    module.write_text(f'raise SystemExit\n\ndef f():\n    """{text}"""\n\ndef _g():\n    """{text}"""\n')
    found = list(docstrings.documents(module, tmp_path))
    assert [(passage.id, passage.text) for passage in found] == [("loud.f", text)]
