"""What a template prepares is there for every fork, gives the bits that computing gives, and is no fork's to change."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from courseware import models
from courseware.kernels import Kernel, Prepare, Template, TemplateFailed
from courseware.models.store import default_root

pytestmark = [
    pytest.mark.needs_models,
    pytest.mark.skipif(sys.platform != "linux", reason="the sandbox is for Linux"),
]
Run = Callable[..., str]
FILE = "warm.py"
TEXTS = ["A ship is in port.", "The harbour master notes its name and its cargo.", "Rain.", "It leaves at dawn."]
TEXTS_JSON = json.dumps(TEXTS).encode()
WARM = """
import json
from courseware.models import path

def prepare(warm):
    texts = json.loads((warm.released / "texts.json").read_text())
    model = warm.sentence_transformer(path("all-minilm-l6-v2"))
    model.remember(texts)
    model.remember(texts, normalize_embeddings=True, batch_size=2)
    model.remember(texts[0])
"""
THREAD = "def prepare(warm): threading.Thread(target=time.sleep, args=(99,), daemon=True).start()"
# What the tests' cells begin with; `computes` tells whether the library's own code ran.
BEGIN = """
import ctypes, hashlib, json, sys
import numpy as np
import torch
import torch.nn.functional as F
from sentence_transformers import SentenceTransformer
from courseware.models import path

texts = json.loads(open("texts.json").read())
folder = str(path("all-minilm-l6-v2"))

def computes(call):
    ran = []
    def note(frame, event, _):
        if event == "call" and frame.f_code.co_name == "_inference":
            ran.append(frame)
    sys.setprofile(note)
    try:
        call()
    finally:
        sys.setprofile(None)
    return bool(ran)

def digest(vectors):
    return hashlib.sha256(vectors.tobytes()).hexdigest()

model = SentenceTransformer(folder)
"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `warm.py` and what learners have."""
    folder = tmp_path_factory.mktemp("lab")
    (folder / FILE).write_text(WARM)
    (folder / "texts.json").write_bytes(TEXTS_JSON)
    return folder


def started(root: Path, lab: Path, *, memo: bool = True) -> Template:
    shown = [default_root(), root / "course.toml", root / "src"]
    variables = {"COURSE_ROOT": str(root), "COURSE_MODELS": str(default_root())}
    assert models.path("all-minilm-l6-v2").is_dir()
    imports = ["numpy", "sentence_transformers", "courseware.models"]
    return Template.start(imports, readable=shown, prepare=Prepare(lab / FILE, lab, memo), environment=variables)


@pytest.fixture(scope="module")
def prepared(root: Path, lab: Path) -> Iterator[Template]:
    """A template that has loaded the weights and remembers three calls."""
    with started(root, lab) as template:
        yield template


@pytest.fixture
def begun(prepared: Template) -> Iterator[Callable[[], Kernel]]:
    """Make forks that have run `BEGIN`."""
    kernels = []

    def make() -> Kernel:
        kernels.append(prepared.kernel({"texts.json": TEXTS_JSON}))
        assert kernels[-1].run(BEGIN, 60).outputs == []
        return kernels[-1]

    yield make
    for kernel in kernels:
        kernel.close()


def test_weights_are_loaded_already_and_a_second_load_is_the_librarys(begun: Callable[[], Kernel], run: Run) -> None:
    kernel = begun()  # the library would have shown a progress bar
    assert "Loading weights" in run(kernel, "again = SentenceTransformer(folder); again is model", 60)


@pytest.mark.parametrize("call", ["(texts)", "(texts, normalize_embeddings=True, batch_size=2)", "(texts[0])"])
def test_remembered_result_has_the_bits_of_a_computed_one(begun: Callable[[], Kernel], run: Run, call: str) -> None:
    kernel = begun()
    assert run(kernel, f"computes(lambda: model.encode{call})") == "False"
    compared = f"""
    again = SentenceTransformer(folder)
    assert computes(lambda: again.encode{call})
    one, other = model.encode{call}, again.encode{call}
    one.tobytes() == other.tobytes(), one.shape == other.shape, one.dtype == other.dtype
    """
    assert "(True, True, True)" in run(kernel, compared, 60)


OTHER_CALLS = [
    "model.encode(texts[:3])",
    "model.encode(texts[::-1])",
    "model.encode(tuple(texts))",
    "model.encode([texts[0]])",
    "model.encode(texts, batch_size=1)",
    "model.encode(texts, normalize_embeddings=True)",
    "model.encode(texts, truncate_dim=8)",
    "model.encode(texts, convert_to_tensor=True)",
    "model.encode(np.array(texts))",
    "SentenceTransformer(folder).encode(texts)",
]


def test_another_call_is_computed(begun: Callable[[], Kernel], run: Run) -> None:
    asked = f"[computes(lambda: eval(call)) for call in {OTHER_CALLS}]"
    assert run(begun(), asked, 60).endswith(str([True] * len(OTHER_CALLS)))


CHANGES = [
    "with torch.no_grad(): next(model.parameters()).add_(1)",
    "next(model.parameters()).data.numpy()[0, 0] += 1",
    "list(model.buffers())[0].data.zero_()",
    "model.half()",
    "model.max_seq_length = 4",
    "model.prompts = {'query': 'q: '}",
    "model.tokenizer.add_tokens(['harbour'])",
    "model[0].register_forward_hook(lambda *_: None)",
    "model[0].auto_model.encoder.layer[0].forward = model[0].auto_model.encoder.layer[1].forward",
    "del model[0].auto_model.encoder.layer[5]",
    "F.normalize = lambda vectors, **_: vectors * 2",
    "F.linear = F.linear.__call__",
    "np.argsort = lambda values: list(range(len(values)))",
    "torch.Tensor.cpu = lambda tensor: tensor * 2",
    "type(model[1]).forward = lambda self, features, **_: features",
    "torch.set_default_dtype(torch.float64)",
    "torch.set_float32_matmul_precision('medium')",
    "torch.backends.mkldnn.enabled = False",
    "torch.set_flush_denormal(True)",
    "torch.autocast('cpu').__enter__()",
]
# Each change in a process of its own: 1 where the library's code ran after it, 0 where the result was recalled.
TRIALS = """
import os

def tried(change):
    child = os.fork()
    if child == 0:
        ran = 2
        try:
            exec(change)
            def encode():
                try:
                    model.encode(texts)
                except Exception:
                    pass  # some changes break the model
            ran = computes(encode)
        finally:
            os._exit(ran)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

"""


def test_nothing_is_recalled_once_something_differs(begun: Callable[[], Kernel], run: Run) -> None:
    kernel = begun()
    run(kernel, TRIALS)
    found = run(kernel, f"import json; print(json.dumps([tried(change) for change in {['pass', *CHANGES]!r}]))", 60)
    assert dict(zip(["pass", *CHANGES], json.loads(found), strict=True)) == {"pass": 0} | dict.fromkeys(CHANGES, 1)


def test_using_the_model_is_no_change(begun: Callable[[], Kernel], run: Run) -> None:
    uses = """
    model.encode(["another text", "and a third, longer one"], show_progress_bar=True)
    model.encode_query("which ship?")
    model.similarity(model.encode(texts), model.encode(texts[:2]))
    model.train()
    import torch.optim, torch.utils.data, sentence_transformers.util
    computes(lambda: model.encode(texts))
    """
    assert run(begun(), uses, 60).endswith("False")


@pytest.mark.parametrize(
    "load",
    [
        "SentenceTransformer(folder, truncate_dim=8)",
        "SentenceTransformer(folder, model_kwargs={'attn_implementation': 'eager'})",
        "SentenceTransformer(folder + '/')",
        "type('Mine', (SentenceTransformer,), {})(folder)",
        "(torch.set_default_dtype(torch.float64), SentenceTransformer(folder))",
    ],
)
def test_loader_with_anything_special_runs_the_librarys_own(prepared: Template, run: Run, load: str) -> None:
    with prepared.kernel({"texts.json": b"[]"}) as kernel:
        first = BEGIN.replace("model = SentenceTransformer(folder)\n", f"{load};\n")
        assert "Loading weights" in run(kernel, first, 60)


def test_what_a_fork_writes_no_sibling_sees(begun: Callable[[], Kernel], run: Run) -> None:
    asked = "digest(model.encode(texts)), digest(next(model.parameters()).detach().numpy())"
    before, spoilt = begun(), begun()
    honest = run(before, asked)
    spoiling = """
    model.encode(texts)[:] = 0
    for tensor in [*model.parameters(), *model.buffers()]:
        tensor.data.zero_()
    for cell in SentenceTransformer.encode.__closure__:
        for one in getattr(cell.cell_contents, "values", list)():
            for vectors in one._known.values():
                ctypes.memset(vectors.ctypes.data, 0, vectors.nbytes)  # numpy itself refuses
    int(next(model.parameters()).abs().sum()), int(vectors.any())
    """
    assert run(spoilt, spoiling) == "(0, 0)"
    assert [run(kernel, asked) for kernel in (before, begun())] == [honest, honest]


def test_a_result_is_the_forks_own_to_change(begun: Callable[[], Kernel], run: Run) -> None:
    kernel = begun()
    changed = "first = model.encode(texts); first[:] = 0; bool(model.encode(texts).any())"
    assert run(kernel, changed) == "True"


def test_forks_draw_their_own_numbers(begun: Callable[[], Kernel], run: Run) -> None:
    drawn = "torch.rand(3).tolist(), np.random.rand(3).tolist()"
    assert len({run(begun(), drawn) for _ in range(3)}) == 3


def test_nobody_can_write_the_weights_themselves(begun: Callable[[], Kernel], run: Run) -> None:
    """They are a sealed file without a name; a private page is all that a fork can write."""
    tried = """
    import os
    for name in os.listdir("/proc/self/map_files"):
        if "memfd:weights" in os.readlink(f"/proc/self/map_files/{name}"):
            open(f"/proc/self/map_files/{name}", "r+b")
    """
    assert "PermissionError" in run(begun(), tried)


@pytest.mark.slow
@pytest.mark.parametrize(("memo", "computed"), [(False, "True"), (True, "False")])
def test_memo_can_be_switched_off(root: Path, lab: Path, run: Run, memo: bool, computed: str) -> None:
    with started(root, lab, memo=memo) as template, template.kernel({"texts.json": TEXTS_JSON}) as kernel:
        assert run(kernel, BEGIN + "computes(lambda: model.encode(texts))", 60) == computed


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("def prepare(warm): raise KeyError('documents')", "KeyError: 'documents'"),
        (f"import threading, time\n{THREAD}", "leaves threads"),
        ("", "KeyError: 'prepare'"),
    ],
)
def test_preparation_that_goes_wrong_is_no_template(tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / FILE).write_text(text)
    with pytest.raises(TemplateFailed, match=why):
        Template.start([], prepare=Prepare(tmp_path / FILE, tmp_path), sandbox=False)
