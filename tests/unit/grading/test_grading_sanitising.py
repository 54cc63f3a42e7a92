"""What a learner shows and writes, after cleaning: a browser finds nothing to run, and honest work stays as it is."""

from __future__ import annotations

import time
from typing import Any

import pytest
from bleach._vendor import html5lib
from hypothesis import given, settings
from hypothesis import strategies as st
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from courseware.grading import sanitising
from courseware.grading.sanitising import safe_html, safe_markdown, safe_outputs

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
HARMLESS = {"html", "head", "body"} | sanitising._TAGS


def displayed(data: dict[str, Any], metadata: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"output_type": "display_data", "data": data, "metadata": metadata or {}}


def active(html: str) -> list[str]:
    """What a browser would make of it beside text, tables, pictures in the page and links to web pages."""
    found = []
    for element in html5lib.parse(html, namespaceHTMLElements=False).iter():
        name = str(element.tag)
        found += [name] if name not in HARMLESS else []
        for key, value in element.attrib.items():
            address = "".join(str(value).split()).lower()
            key = str(key).lower()
            loads = key in ("src", "srcset", "poster", "background", "action") and not address.startswith("data:image/")
            leads = key == "href" and not address.startswith(("#", "http://", "https://", "mailto:"))
            if key.startswith("on") or loads or leads or (key == "style" and ("url" in address or "pos" in address)):
                found.append(f"{name} {key}={value}")
    return found


def rendered(text: str) -> str:
    """As stock nbgrader's pages show it."""
    return str(MarkdownWithMath(renderer=IPythonRenderer(escape=False)).render(text))


PANDAS = (
    "<div>\n<style scoped>\n    .dataframe tbody tr th { vertical-align: top; }\n</style>\n"
    '<table border="1" class="dataframe"><thead><tr style="text-align: right;"><th></th><th>a</th></tr></thead>'
    "<tbody><tr><th>0</th><td>1 &lt; 2</td></tr></tbody></table>\n<p>1 rows × 1 columns</p></div>"
)


def test_a_table_of_pandas_stays_without_its_style_sheet() -> None:
    begin, _, rest = PANDAS.partition("<style")
    assert safe_html(PANDAS) == begin + rest.partition("</style>")[2]


def test_a_picture_in_the_page_and_a_link_stay() -> None:
    text = f'<p><img src="data:image/png;base64,{PIXEL}" alt="one"><a href="https://example.org/?a=1">more</a></p>'
    assert safe_html(text) == text


HTML = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg><script>alert(1)</script></svg>",
    "<a href='javascript:alert(1)'>x</a>", "<a href='jav&#x09;ascript:alert(1)'>x</a>",
    "<a href=data:text/html,x>x</a>",
    "<a href='//evil.invalid'>x</a>", "<img src='data:image/svg+xml;base64,PHN2Zz4='>",
    "<img src=http://evil.invalid/a>",
    "<p style='position:fixed'>x</p>", "<p style='background-color:u\\72l(http://evil.invalid)'>x</p>",
    "<p class='navbar-fixed-top' id=top>x</p>", "<style>@import 'x'</style>", "<style><style></style>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>", "<!--><img src=x onerror=alert(1)>-->",
    "</div></body></html><script>alert(1)</script>", "<scr<script></script>ipt>alert(1)</script>",
]  # fmt: skip


@pytest.mark.parametrize("text", HTML)
def test_html_that_acts_does_not(text: str) -> None:
    cleaned = safe_html(text)
    assert active(cleaned) == []
    assert "class=" not in cleaned
    assert "id=" not in cleaned


def test_every_element_is_closed() -> None:
    assert safe_html("</div><div><b>open</div>after") == "<div><b>open</b></div><b>after</b>"


@pytest.mark.parametrize(
    "part", ["<div>", "<b></i>", "<b><i><a href=x>", "<table><tr><td>", "<", "<!--", "<style>", "&#"]
)
def test_cleaning_ends_soon(part: str) -> None:
    begun = time.process_time()
    safe_html(part * (150_000 // len(part)))
    assert time.process_time() - begun < 10


def test_only_known_forms_of_an_output_stay() -> None:
    forms = {"text/plain": "1", "image/png": PIXEL, "application/javascript": "alert(1)", "image/svg+xml": "<svg/>"}
    assert safe_outputs([displayed(forms)]) == [displayed({"text/plain": "1", "image/png": PIXEL})]


def test_what_is_not_shown_is_said() -> None:
    forms = {"application/javascript": "alert(1)", "text/vnd.mermaid": "graph"}
    said = "[not shown here: application/javascript, text/vnd.mermaid]"
    assert safe_outputs([displayed(forms)]) == [displayed({"text/plain": said})]


def test_markdown_of_an_output_is_shown_as_it_was_written() -> None:
    forms = {"text/markdown": "**bold** <script>", "text/plain": "<Markdown object>"}
    assert safe_outputs([displayed(forms)]) == [displayed({"text/plain": "**bold** <script>"})]


def test_of_metadata_only_a_pictures_sizes_stay() -> None:
    told = {
        "image/png": {"width": 20, "height": "1 onerror=alert(1)", "alt": "x"},
        "filenames": {"image/png": "http://x"},
    }
    (output,) = safe_outputs([displayed({"image/png": PIXEL}, told)])
    assert output["metadata"] == {"image/png": {"width": 20}}


def test_a_picture_that_is_none_is_not_shown() -> None:
    (output,) = safe_outputs([displayed({"image/png": '" onerror="alert(1)'})])
    assert output["data"] == {"text/plain": "[not shown here: image/png]"}


def test_streams_and_errors_stay() -> None:
    outputs = [
        {"output_type": "stream", "name": "stdout", "text": "<b>"},
        {"output_type": "error", "ename": "E", "evalue": "<b>", "traceback": ["<b>"]},
    ]
    assert safe_outputs(outputs) == outputs


ESSAY = """# Why

Twice is **more**, see [the book](https://example.org/a_(b)) and [above](#why); $a < b$, `x < y`, 3 < 4.

| a | b |
|---|---|
| 1 | 2 |

[ref]: https://example.org
"""


def test_an_honest_answer_stays_as_it_was_written() -> None:
    assert safe_markdown(ESSAY) == ESSAY


MARKDOWN = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "[a](javascript:alert(1))",
    "[a](<javascript:alert(1)>)",
    "[a]( JaVaScRiPt:alert(1))", "[a](&#106;avascript:alert(1))", "[a](java&Tab;script:x)",
    "[a][b]\n\n[b]: javascript:x",
    "[a][b]\n\n[b]:\n  javascript:x 't'", "<javascript:alert(1)>", "![a](http://evil.invalid)",
    "![a][b]\n\n[b]: http://x",
    "```mermaid\n</pre><script>alert(1)</script>\n```", "# <iframe>", "<div\nonclick=x>", "[a](//evil.invalid)",
    "![a](attachment:nowhere.png)", "[![a](x)](javascript:x)", "$</script><script>x</script>$",
    "[a](https://x 't\" onclick=\"x')",
]  # fmt: skip


@pytest.mark.parametrize("text", MARKDOWN)
def test_markdown_that_acts_does_not(text: str) -> None:
    assert active(rendered(safe_markdown(text))) == []


PIECES = [
    "<", ">", "script", "/", "img", " ", "\n", "src=", "x", "[", "]", "(", ")", "!", ":", "javascript:", "&#106;", "`",
    "```", "mermaid", "$", "\\", '"', "'", "onerror=", "=", "|", "-", "#", "*", "https://", "data:text/html,", "<!--",
    "-->", "?", "a", "_", "\t", "&lt;", "~", "1. ", "\\begin{a}", "\\end{a}", "attachment:x",
]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_no_markdown_acts(text: str) -> None:
    assert active(rendered(safe_markdown(text))) == []


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.sampled_from([*PIECES, "<svg>", "<style>", "</style>", "<a href='", "<p style='", "<table>"]), max_size=25
    )
)
def test_no_html_acts(pieces: list[str]) -> None:
    assert active(safe_html("".join(pieces))) == []


def test_a_text_that_no_renderer_would_end_is_cut() -> None:
    text = safe_markdown("\\\\[" * 100_000)
    assert len(text) < 41_000
    assert text.endswith("the text has 300,000 characters.)")
