"""The HTML: hostile text stays text, answers stay shut, nothing is fetched or run."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest

from courseware.learner import display, exercises, hint, predict, predicting, quiz, quizzing, reveal
from courseware.learner.display import Piece, card, details, escape, prose

EVIL = "</div></details><script>alert(1)</script><img src=x onerror=alert(2)>\"' & `<b>`"
HOSTILE = f"""
[[predict]]
id = "p"
question = '''{EVIL}'''
options = ['''{EVIL}''', "other"]
answer = "other"
why = '''{EVIL}'''

[[exercise]]
id = "e"
hints = ['''1{EVIL}''', '''2{EVIL}''', '''3
```html
{EVIL}
```''']
answer = '''{EVIL}'''

[[quiz]]
id = "q"
question = '''{EVIL}'''
objective = 1
options = [ {{ text = '''{EVIL}''', why = '''{EVIL}''' }}, {{ text = "fine", right = true, why = '''{EVIL}''' }} ]
"""


class Page(HTMLParser):
    """The tags of some HTML, the ones left open, and the text outside closed <details>."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.visible = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        shut = tag == "details" and "open" not in dict(attrs)
        self.open.append("shut" if shut else tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() in (tag, "shut"), tag

    def handle_data(self, data: str) -> None:
        if "shut" not in self.open or "summary" in self.open:
            self.visible += data


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Callable[[], str]:
    """Gives the HTML shown so far."""
    pieces: list[Piece] = []
    for module in (predicting, exercises, quizzing):
        monkeypatch.setattr(module, "show", pieces.append)
    return lambda: "".join(piece.html for piece in pieces)


def show_everything() -> None:
    predict("p")
    predict("p", "A")
    for _ in range(3):
        hint("e")
    reveal("e")
    quiz()
    quiz("q", 1)
    quiz()


@pytest.mark.parametrize("mode", ["", "1"])
def test_hostile_text_stays_text(
    folder: Path, shown: Callable[[], str], monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    (folder / "practice.toml").write_text(HOSTILE, encoding="utf-8")
    monkeypatch.setenv("COURSE_STATIC", mode)
    show_everything()
    page = Page(shown())
    assert page.open == []
    assert {tag for tag, _ in page.tags} <= {
        "div", "strong", "ul", "li", "details", "summary", "code", "pre",
    }  # fmt: skip
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]


@pytest.mark.parametrize("mode", ["", "1"])
def test_nothing_is_fetched(shown: Callable[[], str], monkeypatch: pytest.MonkeyPatch, mode: str) -> None:
    monkeypatch.setenv("COURSE_STATIC", mode)
    predict("emoji-bytes")
    hint("pair-counts")
    quiz()
    assert not re.search(r"https?:|url\(|@import|\bsrc=|\bhref=", shown())


@pytest.mark.usefixtures("static")
def test_on_a_built_page_every_answer_is_there_and_shut(shown: Callable[[], str]) -> None:
    predict("emoji-bytes")
    hint("pair-counts")
    reveal("pair-counts")
    quiz()
    html = shown()
    for secret in ("PREDICTION-WHY", "HINT-ONE", "HINT-THREE", "WORKED-ANSWER", "WHY-BYTES", "WHY-POINTS"):
        assert secret in html
        assert secret not in Page(html).visible


def test_an_open_question_has_no_answer_in_its_html(shown: Callable[[], str]) -> None:
    predict("emoji-bytes")
    quiz()
    assert "WHY" not in shown()


def test_every_card_has_a_name_for_screen_readers(shown: Callable[[], str]) -> None:
    predict("emoji-bytes")
    hint("pair-counts")
    quiz("length", 1)
    groups = [attributes for _, attributes in Page(shown()).tags if "role" in attributes]
    assert groups
    assert all(attributes["aria-label"] for attributes in groups)


def test_options_have_letters_that_no_style_sheet_can_change(shown: Callable[[], str]) -> None:
    quiz("length")
    quiz("length", 1)
    for text in ("<li>A. Bytes</li>", "<li>B. Code points</li>", "<strong>A. Bytes (your answer)</strong>"):
        assert text in shown()


def test_code_in_text_is_marked_and_fences_keep_their_lines() -> None:
    html = prose("Use `zip`:\n```python\nfor a in b:\n    c(a < 1)\n```\nDone.")
    assert ">zip</code>" in html
    assert "<code>for a in b:\n    c(a &lt; 1)</code></pre>" in html
    assert "Done." in html


def test_half_a_character_can_be_shown() -> None:
    assert escape("\ud83d") == "\\ud83d"


def test_a_label_cannot_break_out_of_its_attribute() -> None:
    ((_, attributes),) = Page(card('"><script>', "body")).tags
    assert attributes["aria-label"] == '"><script>'


def test_details_open_on_request_only() -> None:
    assert "<details open" in details("more", "body", is_open=True)
    assert "<details open" not in details("more", "body")


def test_outside_a_notebook_the_text_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    display.show(Piece("<b>html</b>", "text"))
    assert capsys.readouterr().out == "text\n"


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("background", ["#ffffff", "#111111"])
@pytest.mark.parametrize("tone", ["plain", "right", "wrong"])
def test_the_edge_of_a_card_stands_out_on_light_and_dark(tone: display.Tone, background: str) -> None:
    edge = re.findall(r"border-left:4px solid (#[0-9a-f]{6})", card("x", "y", tone))[0]
    lighter, darker = sorted((luminance(edge), luminance(background)), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= 3
