# %% [markdown]
r"""
# Start here

Week 0 · 315 minutes in seven sittings · needs all-MiniLM-L6-v2, and a local chat model for questions of your own; no
key, no network · verified on 2026-11-22

## It was told, and it does not know

You need Python and nothing else. The first cell sets up. The second is a whole program that talks to a language model:
it says one thing, then asks about it. Judge both answers.
"""

# %% id="setup"
import checks
from openai import OpenAI

from courseware.learner import hint, plots, predict, quiz, reveal, setup

m = setup("week 00")

# %% id="cold-open"
BEES = "I keep bees on a roof in Lisbon. Wish me luck in one sentence."
WHERE = "In which city do I keep my bees? Answer in one sentence."

client, answers = OpenAI(), []
for said in (BEES, WHERE):
    reply = client.chat.completions.create(model=m.large, messages=[{"role": "user", "content": said}])
    answers.append(reply.choices[0].message.content)
    print(f"you: {said}\n{reply.model}: {answers[-1]}\n")
assert "Lisbon" not in answers[-1]

# %% [markdown]
r"""
**The claim.** A model is a function from text to text. It remembers nothing, and it does not know when it is wrong.
Memory, search and proof are code of yours. Here you write a first version of each, and measure it.

![A call goes from the notebook through the provider's own SDK to the gateway. A recording answers first, else a local model or, with your own key, the provider](answers.svg)

No key is needed, and **each reply names who gave it**. What you read here was said by small open models; a commercial
one does better. Ask something new, and a model on your machine answers, slowly.

## You will be able to

1. **Hold** a streamed conversation whose history you keep.
2. **Compare** two providers' wire formats, and two models' answers.
3. **Search** by meaning, and say when plain words win.
4. **Measure** an extraction on texts it was not tuned on.
5. **Trace** attention from tokens to a prediction.
6. **Repair** `undo` by reading what a check tells you.
"""

# %% [markdown]
r"""
| sitting | minutes | at its end |
|---|---:|---|
| 1 A chatbot | 60 | you talk to it |
| 2 A second provider | 40 | the same bot on another API |
| 3 A local model | 35 | ten questions, two models, a verdict |
| 4 Search by meaning | 50 | a search that understands a rider |
| 5 Skills in postings | 50 | an extraction with a score |
| 6 Attention by hand | 45 | a head that predicts the next word |
| 7 Working habits | 35 | a plan and a first portfolio page |

Stop after any of them. When you come back, choose *Run → Run All Above Selected Cell*.
"""

# %% [markdown]
r"""
## Sitting 1: a chatbot

A conversation is a list of messages. Each has a **role**: `system` sets the rules, `user` asks, `assistant` is what the
model said. The model sees the list you send, all of it, and nothing else.

![Three calls. Each sends the whole list again, one answer and one question longer than the call before](history.svg)

So memory is a list that you append to. First the bees again, with the earlier exchange sent along. Then one question
under three rules, and code that a model wrote, run on the spot.
"""

# %% id="history"
messages = [
    {"role": "user", "content": BEES},
    {"role": "assistant", "content": answers[0]},
    {"role": "user", "content": WHERE},
]
reply = client.chat.completions.create(model=m.large, messages=messages)
print(reply.choices[0].message.content)
assert "Lisbon" in reply.choices[0].message.content

# %% id="system"
QUESTION = {"role": "user", "content": "How do I reverse a list?"}
for rule in (
    "Answer in one short sentence of Spanish.",
    "Answer with the name of one Python method and nothing else.",
    "Answer with one assert statement in Python that shows it. Nothing else.",
):
    reply = client.chat.completions.create(model=m.large, messages=[{"role": "system", "content": rule}, QUESTION])
    print(f"{rule}\n    {reply.choices[0].message.content}")
try:
    exec(reply.choices[0].message.content.strip("`"))
    print("    … run, and it holds")
except Exception as error:
    print(f"    … run, and it fails: {type(error).__name__}")

# %% id="stream"
asked, code, space = "Write the Python function is_leap(year). Reply with code only.", "", {}
for chunk in client.chat.completions.create(model=m.large, messages=[{"role": "user", "content": asked}], stream=True):
    piece = chunk.choices[0].delta.content or ""
    print(piece, end="|")
    code += piece
exec(code.strip().removeprefix("```python").removesuffix("```"), space)  # read a model's code before you run it
leap = [year for year in (1900, 2000, 2023, 2024) if space["is_leap"](year)]
print("\n\nleap years, by the function it wrote:", leap)
assert leap == [2000, 2024]


# %% id="chat"
def ask_openai(messages):
    """Show the answer while it is written; return it."""
    options, answer = {"stream": True, "stream_options": {"include_usage": True}}, ""
    for chunk in client.chat.completions.create(model=m.large, messages=messages, **options):
        for choice in chunk.choices:
            print(choice.delta.content or "", end="", flush=True)
            answer += choice.delta.content or ""
        if chunk.usage:
            print(f"    [{chunk.usage.prompt_tokens} tokens in, {chunk.usage.completion_tokens} out]")
    return answer


def chat(ask, listen):
    """Talk until an empty line; return the conversation."""
    messages = [RULES]
    while said := listen("you: "):
        messages.append({"role": "user", "content": said})
        print("bot: ", end="")
        messages.append({"role": "assistant", "content": ask(messages)})
    return messages


predict("growing-bill")


# %% id="chatbot"
def scripted(*lines):
    """Return a stand-in for `input` that types `lines`, then an empty one."""
    waiting = iter([*lines, ""])

    def listen(prompt):
        line = next(waiting)
        print(f"{prompt}{line}")
        return line

    return listen


RULES = {"role": "system", "content": "You help with Python. Answer with one line of code and nothing else."}
TALK = False  # your turn: write True, run this cell, talk; an empty line ends it
SCRIPT = ("reverse the list xs", "and in place?", "now sort it by length, longest first")
talk = chat(ask_openai, input if TALK else scripted(*SCRIPT))
if not TALK:
    xs = ["fig", "banana", "plum"]
    for message in talk[2::2]:
        exec(message["content"].strip("`"))
        print(f"after {message['content']}: xs = {xs}")

# %% [markdown]
r"""
That is a chatbot: a list, a loop and a call. It knew what *it* was because you sent the list again. **Your turn**: set
`TALK` and talk. Then write other rules: a tutor that only asks, a reviewer that names one fault. Find a question that
it gets wrong.

## Sitting 2: a second provider

Anthropic's API does the same job under other names. Hand its SDK the conversation that just worked, as it is. The cell
after the question fails on purpose; the one below it repairs the call. `chat` itself stays as it was.
"""

# %% id="same-list"
from anthropic import Anthropic

claude = Anthropic()
predict("same-list")

# %% id="same-list-breaks" tags=["raises-exception"]
claude.messages.create(model=m.large, messages=talk[:2])


# %% id="same-list-repaired"
def ask_claude(messages):
    """The same for Anthropic: rules apart, and a limit that must be stated."""
    rules, *turns = messages
    with claude.messages.stream(model=m.large, max_tokens=200, system=rules["content"], messages=turns) as stream:
        for piece in stream.text_stream:
            print(piece, end="", flush=True)
        message = stream.get_final_message()
    print(f"    [{message.usage.input_tokens} tokens in, {message.usage.output_tokens} out]")
    return message.content[0].text


TALK = False  # your turn again
other = chat(ask_claude, input if TALK else scripted(*SCRIPT))
print("word for word what the other API gave:", other == talk)

# %% id="what-differs"
import json

RULE = "Answer in one short sentence of Spanish."
one = client.chat.completions.with_raw_response.create(
    model=m.large, messages=[{"role": "system", "content": RULE}, QUESTION]
)
two = claude.messages.with_raw_response.create(model=m.large, max_tokens=200, system=RULE, messages=[QUESTION])
left, right = one.parse(), two.parse()
rows = {
    "asked at": [raw.http_request.url.path for raw in (one, two)],
    "sent": [", ".join(sorted(json.loads(raw.http_request.content))) for raw in (one, two)],
    "answer at": ["choices[0].message.content", "content[0].text"],
    "ended with": [left.choices[0].finish_reason, right.stop_reason],
    "usage": [", ".join(name for name, n in said.usage if n and isinstance(n, int)) for said in (left, right)],
    "id starts": [left.id.split("-")[0], right.id.split("_")[0]],
}

# %% id="what-differs-too"
opening = {"role": "user", "content": SCRIPT[0]}
parts = client.chat.completions.create(model=m.large, messages=[RULES, opening], stream=True)
events = claude.messages.create(model=m.large, max_tokens=200, system=RULES["content"], messages=[opening], stream=True)
rows["stream of"] = [", ".join(dict.fromkeys(part.object for part in parts))]
rows["stream of"] += [", ".join(dict.fromkeys(event.type for event in events))]
rows["wrong role"] = []
for create, limit in ((client.chat.completions.create, {}), (claude.messages.create, {"max_tokens": 200})):
    try:
        create(model=m.large, messages=[{"role": "robot", "content": "hello"}], **limit)
    except Exception as error:
        rows["wrong role"].append(f"{type(error).__name__}, status {error.status_code}")
for name, (openai_way, claude_way) in rows.items():
    print(f"{name:11} OpenAI: {openai_way}\n{'':11} Claude: {claude_way}")
same = [name for name, (openai_way, claude_way) in rows.items() if openai_way == claude_way]
print(f"{len(rows) - len(same)} of {len(rows)} rows differ, not: {', '.join(same)}")
print("the same answer:", left.choices[0].message.content == right.content[0].text)

# %% [markdown]
r"""
**Your turn**: OpenAI's newer endpoint is `client.responses.create`. The list is its `input`, the rules are its
`instructions`, the answer is `output_text`. Write `ask_responses` and hand it to `chat`.

## Sitting 3: a local model

`m.local` is always a model on your machine, also when you bring a key: small, private, free. What may you ask of it?
Ten short questions with answers you can check go to it and to a model with three times as many parameters.
`temperature=0` asks for the likeliest words, so that an answer repeats.
"""

# %% id="ten-questions"
import re

TASKS = {
    "Is this review positive or negative? 'It broke on the second day.' One word.": "negative",
    "Translate to Spanish, one word: water": "agua",
    "Which e-mail address is in this text? 'Ask help@example.org, not the shop.' Only the address.": "help@example.org",
    "Which Python method turns a string into upper case? Only its name.": "upper",
    "What is the capital of Portugal? One word.": "lisbon",
    "What is the capital of Velmora? If you do not know, answer: unknown": "unknown",
    "What is 417 * 386? Only the number.": "160962",
    "How many letters r are in 'strawberry'? Only the number.": "3",
    "How many letters n are in 'banana'? Only the number.": "2",
    "Write 'lighthouse' backwards. Only the word.": "lighthouse"[::-1],
}


def answer(model, task):
    """Who answers for `model`, and what."""
    asked = {"model": model, "messages": [{"role": "user", "content": task}], "temperature": 0, "max_tokens": 30}
    reply = client.chat.completions.create(**asked)
    return reply.model, reply.choices[0].message.content


predict("larger-is-better")

# %% id="verdict"
right, who = {model: [] for model in (m.local, m.large)}, {}
for task in TASKS:
    for model, marks in right.items():
        who[model], said = answer(model, task)
        ok = TASKS[task] in re.findall(r"[\w@.]+", said.lower().replace(",", ""))
        marks.append(ok)
        print(f"{'ok' if ok else 'NO':3}{said[:22]:24}", end="")
    print(task[:52])
local, large = right.values()
print(f"left: {sum(local)} of {len(TASKS)} right, {who[m.local]}")
print(f"right: {sum(large)} of {len(TASKS)} right, {who[m.large]}")
print("only the smaller is right:", [task[:30] for task, a, b in zip(TASKS, local, large, strict=True) if a and not b])

# %% id="your-question"
import time

MINE = "Translate to Spanish, one word: water"  # your turn: ask something new
started = time.perf_counter()
raw = client.chat.completions.with_raw_response.create(
    model=m.local, messages=[{"role": "user", "content": MINE}], temperature=0, max_tokens=30
)
seconds, reply = time.perf_counter() - started, raw.parse()
print(f"{reply.model}: {reply.choices[0].message.content}")
if raw.headers["x-gateway-tier"] == "local":
    print(f"{reply.usage.completion_tokens / seconds:.0f} tokens a second, reading the question included")
else:
    print("from a recording, so its speed says nothing; ask something new to measure your machine")

# %% [markdown]
r"""
Translating, judging a tone, finding what is there: ask. Arithmetic, letters, facts you cannot check: use code or a
source. One right answer may be luck; a claim about a model is a count over cases. **Your turn**: put five questions
from your own work into `TASKS`, and guess each mark before you run.

## Sitting 4: search by meaning

A bot can only use what is in its list. To let it answer from a manual you first have to find the paragraph. The file
`bicycle.toml` holds twenty, and sixteen searches with the one paragraph that answers each. Twelve are in a rider's own
words, four ask for a code on the display. Plain words first: rare words that search and paragraph share count most.
"""

# %% id="plain-words"
import math
import tomllib
from collections import Counter
from pathlib import Path

bicycle = tomllib.loads(Path("bicycle.toml").read_text(encoding="utf-8"))
paragraphs, searches = bicycle["paragraphs"], bicycle["search"]


def words(text):
    return set(re.findall(r"[a-z0-9]+", text.lower()))


spread = Counter(word for text in paragraphs.values() for word in words(text))


def by_words(search):
    """Names of paragraphs, most shared words first, each word weighed by how rare it is."""
    shared = {name: words(search) & words(text) for name, text in paragraphs.items()}
    return sorted(shared, key=lambda name: -sum(math.log(len(paragraphs) / spread[word]) for word in shared[name]))


for search in searches[10], searches[1]:
    print(f"{search['text']}\n    {paragraphs[by_words(search['text'])[0]]}")
predict("code-search")

# %% [markdown]
r"""
Not one word of *stolen* stands in the paragraph about thieves. An **embedding** model turns a text into a list of
numbers, so that texts of like meaning get like numbers. A **vector database** keeps them and finds the nearest. Chroma
is one; we hand it our local model, or it would fetch another from the network.
"""

# %% id="chroma"
import chromadb
from chromadb.utils.embedding_functions import SentenceTransformerEmbeddingFunction

from courseware.models import path

folder = str(path("all-minilm-l6-v2"))
embed = SentenceTransformerEmbeddingFunction(model_name=folder, device="cpu", normalize_embeddings=True)
cosine = {"hnsw": {"space": "cosine"}}
chroma = chromadb.EphemeralClient()
collection = chroma.create_collection("bicycle", embedding_function=embed, configuration=cosine)
collection.add(ids=list(paragraphs), documents=list(paragraphs.values()))


def by_meaning(search, collection=collection):
    """Names of paragraphs, nearest first."""
    return collection.query(query_texts=[search], n_results=len(paragraphs))["ids"][0]


for search in ("how do I keep my bicycle from being stolen", "how do I tune a piano"):
    found = collection.query(query_texts=[search], n_results=1)
    print(f"{search}\n    {found['distances'][0][0]:.2f} away: {found['documents'][0][0]}")

# %% id="search-score"
vectors = embed(list(paragraphs.values()))
dealt = chroma.create_collection("control", embedding_function=embed, configuration=cosine)
dealt.add(ids=list(paragraphs), embeddings=[*vectors[7:], *vectors[:7]])  # each paragraph has another's vector
ways = {"plain words": by_words, "meaning": by_meaning, "control": lambda search: by_meaning(search, dealt)}
kinds = ["described", "code"]
first = {name: dict.fromkeys(kinds, 0) for name in ways}
for search in searches:
    for name, way in ways.items():
        first[name][search["kind"]] += way(search["text"])[0] == search["wants"]
counts = Counter(search["kind"] for search in searches)
for search in searches[-4:]:
    print(f"{search['text']:24} meaning finds {by_meaning(search['text'])[0]}")
assert first["meaning"]["described"] > 6 > 2 > first["plain words"]["described"]
assert first["plain words"]["code"] > first["meaning"]["code"] and sum(first["control"].values()) < 3
shares = {name: [round(hits[kind] / counts[kind], 2) for kind in kinds] for name, hits in first.items()}
plots.bars(kinds, shares, "Right paragraph first", x_label="kind of search", y_label="share of searches")

# %% [markdown]
r"""
Each way wins where the other loses. The piano shows a third failure: something is always nearest. And a wrong code
looks as sure as a right one. Weeks 13 to 24 repair this. **Your turn**: search five times in words of your own, then
rewrite one paragraph so that plain words find it.

## Sitting 5: skills in postings

Which skill should you learn first? Count job postings. The twenty-four in `postings.toml` are **made up for this
course**, each with the skills it asks for, the gold. Twelve you may read while you write rules. Twelve are held out,
and use other words on purpose, as next month's postings will.
"""

# %% id="count"
postings = tomllib.loads(Path("postings.toml").read_text(encoding="utf-8"))["posting"]
seen, held = ([one for one in postings if one["half"] == half] for half in ("read", "held"))
SKILLS = ["Python", "SQL", "Java", "JavaScript", "Go", "R", "Docker", "Kubernetes", "AWS", "RAG"]
SKILLS += ["fine-tuning", "evaluation"]
print("\n".join(one["text"] for one in seen[3:7]))
predict("most-wanted")

# %% id="rules"
ALIASES = {"k8s": "Kubernetes", "golang": "Go", "postgres": "SQL", "amazon web services": "AWS"}
ALIASES |= {"retrieval-augmented generation": "RAG", "fine-tune": "fine-tuning"}  # what the first half taught us


def by_letters(text):
    return {skill for skill in SKILLS if skill.lower() in text.lower()}


def by_names(text):
    return {skill for skill in SKILLS if re.search(rf"\b{skill}\b", text, re.I if len(skill) > 2 else 0)}


def by_rules(text):
    return by_names(text) | {skill for name, skill in ALIASES.items() if re.search(rf"\b{name}\b", text.lower())}


for method in (by_letters, by_names, by_rules):
    tally = Counter(skill for one in postings for skill in method(one["text"])).most_common(5)
    print(f"{method.__name__:11}", ", ".join(f"{skill} {times}" for skill, times in tally))
gold = Counter(skill for one in postings for skill in one["asks"])
print("gold       ", ", ".join(f"{skill} {times}" for skill, times in gold.most_common(5)))

# %% id="ask-for-skills"
listed = {"type": "array", "items": {"enum": SKILLS}}
schema = {"type": "object", "properties": {"skills": listed}, "required": ["skills"], "additionalProperties": False}
form = {"type": "json_schema", "json_schema": {"name": "posting", "strict": True, "schema": schema}}
told = "Name the skills that a job posting asks applicants to bring. Leave out what it says is not needed."
shown = [{"role": "system", "content": told}]
for one in (seen[3], seen[6]):  # two examples, from the half we may read
    shown.append({"role": "user", "content": one["text"]})
    shown.append({"role": "assistant", "content": json.dumps({"skills": one["asks"]})})


def by_model(model, text):
    """The skills that `model` finds, held to the form."""
    asked = [*shown, {"role": "user", "content": text}]
    reply = client.chat.completions.create(model=model, messages=asked, response_format=form, temperature=0)
    who[model] = reply.model
    tokens_in[model] += reply.usage.prompt_tokens
    return set(json.loads(reply.choices[0].message.content)["skills"])


tokens_in = Counter()
found = {name: [by_model(name, one["text"]) for one in held] for name in (m.small, m.large)}
print(held[2]["text"], found[m.large][2], sep="\n")


# %% id="extraction-score"
def score(answers, gold):
    """Precision, recall and F1 over all postings: of what was found, of what was there, and of both."""
    hits = sum(len(a & b) for a, b in zip(answers, gold, strict=True))
    precision, recall = hits / sum(map(len, answers)), hits / sum(map(len, gold))
    return precision, recall, 2 * precision * recall / (precision + recall)


truth = [set(one["asks"]) for one in held]
tried = {method.__name__: [method(one["text"]) for one in held] for method in (by_letters, by_names, by_rules)}
tried |= found | {"control": [*found[m.large][1:], found[m.large][0]]}  # the large model's, one posting off
marks = {name: score(answers, truth) for name, answers in tried.items()}
for name, (precision, recall, f1) in marks.items():
    print(f"precision {precision:.2f}  recall {recall:.2f}  F1 {f1:.2f}  {who.get(name, name)}")
tuned = score([by_rules(one["text"]) for one in seen], [set(one["asks"]) for one in seen])[2]
print(f"rules on the half they were written for: F1 {tuned:.2f}, held out {marks['by_rules'][2]:.2f}")
for one, said, wanted in zip(held, found[m.large], truth, strict=True):
    if said != wanted:
        print(f"{one['text'][:50]}…  invented {len(said - wanted)}, missed {sorted(wanted - said)}")
USD_PER_MILLION, A_MONTH = 2.00, 10_000  # an example price of input tokens, and postings
usd = tokens_in[m.large] / len(held) * A_MONTH / 1e6 * USD_PER_MILLION
print(f"{A_MONTH:,} postings a month: {usd:.2f} USD for tokens in; rules cost nothing")
assert marks["control"][2] < marks["by_rules"][2] < tuned - 0.1

# %% [markdown]
r"""
**Your turn**: read the first twelve and improve the rules, for *not needed* too. Then score the other half, once. What
you have looked at often is no longer held out.

## Sitting 6: attention by hand

How does a model know the next word? Its core is **attention**: each position asks a question (query), every earlier
position has a label (key) and something to hand over (value). Who fits the question hands over most. Real models learn
the three matrices; ours are set by hand, so that you can read them. *Ask with the word you are. Be found by the word
that stood before you. Hand over the word you are.* That head predicts: what followed last time follows again.
"""

# %% id="rows"
import numpy as np

TOKENS = ["rain", "then", "wind", ",", "sun", "then", "heat", ",", "rain"]


def one_hot(tokens):
    """One row a token, with a 1 in its word's column; and the words."""
    known = list(dict.fromkeys(tokens))
    return np.eye(len(known))[[known.index(token) for token in tokens]], known


def earlier(rows, steps=1):
    """The rows moved down: at each position, what stood `steps` before."""
    return np.vstack([np.zeros((steps, rows.shape[1])), rows[:-steps]])


# %% id="head"
def head(query, key, value, sharpness=20):
    """One attention head: what each position receives, and from where."""
    scores = sharpness * query @ key.T / np.sqrt(key.shape[1])
    scores[np.triu_indices(len(scores), 1)] = -np.inf  # nobody sees what comes later
    weights = np.exp(scores - scores.max(1, keepdims=True))
    weights /= weights.sum(1, keepdims=True)
    return weights @ value, weights


me, known = one_hot(TOKENS)
next_word, weights = head(me, earlier(me), me)
print(f"{' '.join(TOKENS)} → {known[next_word[-1].argmax()]} ({next_word[-1].max():.0%})")

# %% id="two-matches"
predict("two-matches")
axes = {"x_label": "looked at", "y_label": "word that looks", "value_label": "weight"}
plots.heatmap(weights.round(2), TOKENS, TOKENS, "Where each word looks", **axes)


# %% id="wider"
def guess(tokens, width, shuffled=None):
    """The next word's probabilities by a head that matches the last `width` words."""
    me, known = one_hot(tokens)
    query = np.hstack([me] + [earlier(me, steps) for steps in range(1, width)])
    key = np.hstack([earlier(me, steps) for steps in range(1, width + 1)])
    key = key if shuffled is None else shuffled.permutation(key)
    return dict(zip(known, head(query, key, me)[0][-1], strict=True))


for width in (1, 2):
    likely = {word: share for word, share in guess([*TOKENS, "then"], width).items() if share > 0.01}
    print(f"matching {width}:", ", ".join(f"{word} {share:.0%}" for word, share in likely.items()))
draw = np.random.default_rng(m.seed)
texts = [list(draw.integers(4, size=12)) for _ in range(300)]


def hits(width, shuffled=None):
    """The share of right guesses when a text of four kinds of word begins again and stops after six."""
    right = [max(p := guess([*text, *text[:6]], width, shuffled), key=p.get) == text[6] for text in texts]
    return np.mean(right)


reached = {width: hits(width) for width in (1, 2, 3, 4)}
print("right, matching", ", ".join(f"{width}: {share:.0%}" for width, share in reached.items()))
print(f"control, keys shuffled: {hits(3, draw):.0%}; four words, so luck is 25%")

# %% [markdown]
r"""
A large model stacks hundreds of such heads, learns what each should match, and mixes their messages with small
networks. In week 2 you train one. **Your turn**: set `sharpness` to 1, then give `guess` a text of your own. When does
matching two words hurt?

## Sitting 7: working habits

- **Portfolio.** One repository. For each project: the problem, the data, a number with its control, what failed, how
  to run it. A reader gives you two minutes. You publish your own work; the labs' answers stay private.
- **Pace.** Same days each week. Short sittings that end in something that runs beat a long one that does not.
- **A study partner.** Meet weekly. Each explains one number and why it could have come out otherwise.
- **Coding assistants.** A lab's header says what counts. *Closed*: documentation and this course. *Tools*: an assistant
  may explain and review, you write what is graded. *Open*: anything you can explain afterwards. An assistant does not
  know your data and measures nothing: it sounds as sure when it is wrong as when it is right.
- **Feedback.** A check lists cases. Read the first that failed: what was expected, what came, the hint. Change one
  thing, run again.
"""

# %% id="pace"
from datetime import date, timedelta

COURSE_HOURS = 48 * 6.5  # 48 weeks of 5 to 8 hours
START, WEEKS_OFF = date(2027, 1, 4), 4  # your turn: your first Monday, your holidays
for hours in (4, 6.5, 10):
    end = START + timedelta(weeks=math.ceil(COURSE_HOURS / hours) + WEEKS_OFF)
    print(f"{hours:4} hours a week: done by {end:%B %Y}")
predict("pasted-line")

# %% id="portfolio-page"
best = max((name for name in marks if name != "control"), key=lambda name: marks[name][2])
print(f"""# What I measured in my first week

**Search.** {len(paragraphs)} paragraphs, {len(searches)} searches. Nearest meaning finds {first["meaning"]["described"]} of {counts["described"]} put in a rider's words,
plain words {first["plain words"]["described"]}; of {counts["code"]} codes, {first["meaning"]["code"]} against {first["plain words"]["code"]}. Control: {sum(first["control"].values())} of {len(searches)}.

**Extraction.** {len(held)} held-out postings, made up. Best F1 {marks[best][2]:.2f} by {who.get(best, best)}, rules {marks["by_rules"][2]:.2f}, control {marks["control"][2]:.2f}.

**Where it fails.** Meaning mistakes one error code for another. {sum(a != b for a, b in zip(found[m.large], truth, strict=True))} of {len(held)} postings had a skill too many or too few.

**Next.** Send searches that hold a code to plain words; label fifty real postings.
""")

# %% [markdown]
r"""
## Practice

> **Skill** read a check's feedback and repair · **Difficulty** 2/5 · **Importance** 5/5 · **Minutes** 10 · **Tier** core

Give the bot an `undo`: it forgets the last question and everything after it. Rules stay, and so does the list you were
given. The version below passes one case and looks finished. Run it, read, repair.

> **Skill** send each search to the way that suits it · **Difficulty** 2/5 · **Importance** 4/5 · **Minutes** 20 · **Tier** stretch

`route(search)` returns `"plain words"` if a word of the search holds a digit and stands in a paragraph, else
`"meaning"`. Then score the routed search. Why must the word stand in a paragraph?
"""


# %% id="undo"
def undo(messages: list[dict]) -> list[dict]:
    """Return the conversation without its last question and what followed."""
    return messages[:-2]


checks.undo.show(globals())
hint("undo", 1)  # steps 2 and 3 when you want them

# %% id="undo-answer"
reveal("undo")


# %% id="route"
def route(search: str) -> str:
    """Return the way that suits `search`."""
    raise NotImplementedError


checks.route.show(globals())
hint("route", 1)

# %% [markdown]
r"""
> **Skill** your own twenty paragraphs · **Difficulty** 2/5 · **Importance** 5/5 · **Minutes** 25 · **Tier** open

Take twenty paragraphs you know by heart: a manual, your team's wiki, a cookbook. Write ten searches as a stranger would,
before you look at any result. Score both ways. Which searches does neither find, and what would you change?
"""

# %% id="own-paragraphs"
own = {
    "kettle": "If the kettle hisses and stays cold, its base has no contact.",
    "scale": "Limescale goes away with vinegar and an hour of patience.",
}
library = chroma.create_collection("own", embedding_function=embed, configuration=cosine)
library.add(ids=list(own), documents=list(own.values()))
print(library.query(query_texts=["the water does not boil"], n_results=1)["ids"][0])
hint("own-paragraphs", 1)

# %% id="quiz"
quiz()

# %% [markdown]
r"""
## Decide

Ten thousand postings arrive each month, and a dashboard shows the skills they ask for. Rules, a model, or rules with a
model for the rest? Answer in three to five sentences. Name two numbers of your run, and one that would change your mind.

## In five lines

- A model sees the list you send, and nothing else. Memory is your list, and every turn pays for all of it.
- Providers differ in names and rules; keep your own code on one side of them.
- One example proves nothing. Count over cases, with gold and a control.
- Meaning and plain words fail on different searches.
- Attention asks, matches and hands over; the rest is learnt.

## Read on

[OpenAI's API reference](https://platform.openai.com/docs/api-reference) ·
[Claude's Messages API](https://platform.claude.com/docs/en/api/messages) · [Chroma](https://docs.trychroma.com/) ·
[Attention Is All You Need](https://arxiv.org/abs/1706.03762) · [Pro Git](https://git-scm.com/book/en/v2)

**Next**: the lab of this week, ten minutes and one point: open, answer, check, submit, read the feedback.
"""
