"""Copies are found however they are renamed and laid out; what everybody was given is no copy."""

from __future__ import annotations

import random

import pytest

from courseware.grading.report.similarity import similar_pairs
from courseware.grading.report.tokens import code_tokens, fenced_code
from courseware.grading.report.winnowing import GRAM, GUARANTEED, WINDOW, grams, winnowed

MERGE = '''
def merged(left, right):
    """Merge two sorted lists."""
    found, i, j = [], 0, 0
    while i < len(left) and j < len(right):
        if left[i] <= right[j]:
            found.append(left[i])
            i += 1
        else:
            found.append(right[j])
            j += 1
    return found + left[i:] + right[j:]
'''
COPY = """
def zip_up(a,b):
        # my own idea
        out,x,y=[],1,1
        while x<len(a) and y \\
            <len(b):
            if a[x]<=b[y]: out.append(a[ x ]); x+=7
            else:

              out.append(
                b[y])
              y+=1
        return out+a[x:]+b[y:]
"""
EDITED = COPY.replace(
    "return out+a[x:]+b[y:]", "for rest in (a[x:], b[y:]):\n            out += rest\n        return out"
)
OTHER = """
def merged(left, right):
    import heapq
    return [each for each in heapq.merge(left, right, key=lambda one: one)]

def counted(words):
    table = {}
    for word in sorted(words, reverse=True):
        table[word] = table.get(word, 0) + 1
    return {word: count for word, count in table.items() if count > 1}
"""


def tokens(seed: int, count: int) -> list[str]:
    draw = random.Random(seed)
    return [str(draw.randrange(50)) for _ in range(count)]


@pytest.mark.parametrize("seed", range(50))
def test_any_shared_run_of_the_guaranteed_length_is_found(seed: int) -> None:
    shared = tokens(seed, GUARANTEED)
    first = tokens(seed + 1000, seed) + shared + tokens(seed + 2000, 40)
    second = tokens(seed + 3000, 60 - seed) + shared + tokens(seed + 4000, seed)
    assert winnowed(grams(first)) & winnowed(grams(second)) & set(grams(shared))


def test_no_run_below_a_gram_is_ever_found() -> None:
    shared = tokens(1, GRAM - 1)
    first, second = tokens(2, 30) + shared + tokens(3, 30), tokens(4, 30) + shared + tokens(5, 30)
    assert not set(grams(first)) & set(grams(second))


def test_winnowing_keeps_one_of_every_window() -> None:
    hashes = [77, 74, 42, 17, 98, 50, 17, 98, 8, 88, 67, 39, 77, 74, 42, 17, 98]  # the paper's hashes, there with 4
    assert WINDOW == 5
    assert winnowed(hashes) == {17, 8, 39}


def test_the_guarantee_holds_beside_what_is_cut_out() -> None:
    given, shared = tokens(1, 40), tokens(2, GUARANTEED)
    first, second = tokens(3, 9) + given + shared, shared + given + tokens(4, 9)
    without = set(grams(given))
    assert winnowed(grams(first), without) & winnowed(grams(second), without) & set(grams(shared))


def test_names_values_comments_docstrings_and_layout_do_not_count() -> None:
    assert code_tokens(COPY) == code_tokens(MERGE)
    assert code_tokens("x = 1; y = 'a'") == code_tokens("# note\nlonger = 22\n\nother = \\\n  'b'")
    assert code_tokens("%matplotlib inline\n!ls\nx = 1") == code_tokens("y = 2")


def test_code_that_is_no_python_is_read_all_the_same() -> None:
    assert code_tokens("def f(:\n  '''") == ["def", "name", "(", ":", "string", "'"]
    assert code_tokens("x = (\n") == ["name", "=", "("]


def test_examples_of_a_text_are_code() -> None:
    assert fenced_code("See\n```python\nx = 1\n```\nand `y`.") == ["x = 1\n"]


def test_a_renamed_copy_is_a_pair_with_its_cells() -> None:
    works = {"ada": {"merge": MERGE}, "bob": {"added-1": COPY}, "cyd": {"merge": OTHER}}
    (pair,) = similar_pairs(works, ["def merged(left, right):\n    ..."])
    assert (pair.first, pair.second, pair.share) == ("ada", "bob", 1.0)
    assert [(cell.first, cell.second) for cell in pair.cells] == [("merge", "added-1")]
    assert pair.cells[0].fingerprints == pair.fingerprints


def test_a_copy_with_changed_lines_is_still_a_pair() -> None:
    (pair,) = similar_pairs({"ada": {"merge": MERGE}, "bob": {"merge": EDITED}}, [])
    assert 0.5 <= pair.share < 1


def test_the_release_alone_gives_no_pair() -> None:
    works = {who: {"merge": MERGE, "given": OTHER} for who in ("ada", "bob")}
    assert similar_pairs(works, [MERGE, OTHER]) == []


def test_what_most_of_the_class_has_gives_no_pair() -> None:
    assert similar_pairs({f"learner{n}": {"merge": MERGE} for n in range(4)}, []) == []
    assert len(similar_pairs({f"learner{n}": {"merge": MERGE} for n in range(3)}, [])) == 3


def test_different_answers_and_nothing_at_all_are_no_pair() -> None:
    assert similar_pairs({"ada": {"merge": MERGE}, "bob": {"merge": OTHER}, "cyd": {"merge": ""}}, []) == []
    assert similar_pairs({}, [MERGE]) == []
