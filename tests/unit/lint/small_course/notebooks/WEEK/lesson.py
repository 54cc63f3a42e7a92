# %% [markdown]
r"""
# A small lesson

Week 1 · 80 minutes · see [the page](../../docs/guides/page.md#a-heading), [a site](https://example.org) and
[below](#a-control).
"""

# %% id="setup"
import json

import checks

from courseware.learner import hint, predict, quiz, reveal, setup
from courseware.models import path

m = setup("week 01")

# %% [markdown]
r"""
## You will be able to

1. **Count** the bytes of a text.
2. **Trace** a merge by hand, and say
   which pair wins a tie.
3. **Choose** a size.
4. **Cut** a text with `fit`.
"""

# %% id="ask"
predict("bytes")

# %% id="broken" tags=["raises-exception"]
b"\xff".decode()  # fails on purpose

# %% [markdown]
r"""
## A control

Shuffled labels are the negative control of this experiment. Code such as `a != b` or `wow!` is no prose.
"""

# %% id="count"
len("naïve".encode())

# %% [markdown]
r"""
### Step 1

A lesson states one idea and shows where it breaks before it shows how to repair it.
The numbers come from cells that anyone can run again on a laptop without a network.
What surprises is asked first, so that the reader has something at stake when the answer arrives.
A picture says what the table cannot, and the table says what the picture hides.
A picture says what the table cannot, and the table says what the picture hides.
What surprises is asked first, so that the reader has something at stake when the answer arrives.
The numbers come from cells that anyone can run again on a laptop without a network.
A lesson states one idea and shows where it breaks before it shows how to repair it.
"""

# %% id="step-1"
print(json.dumps([]))

# %% [markdown]
r"""
### Step 2

A lesson states one idea and shows where it breaks before it shows how to repair it.
The numbers come from cells that anyone can run again on a laptop without a network.
What surprises is asked first, so that the reader has something at stake when the answer arrives.
A picture says what the table cannot, and the table says what the picture hides.
A picture says what the table cannot, and the table says what the picture hides.
What surprises is asked first, so that the reader has something at stake when the answer arrives.
The numbers come from cells that anyone can run again on a laptop without a network.
A lesson states one idea and shows where it breaks before it shows how to repair it.
"""

# %% id="step-2"
print(path.__name__)

# %% [markdown]
r"""
### Step 3

A lesson states one idea and shows where it breaks before it shows how to repair it.
The numbers come from cells that anyone can run again on a laptop without a network.
What surprises is asked first, so that the reader has something at stake when the answer arrives.
A picture says what the table cannot, and the table says what the picture hides.
A picture says what the table cannot, and the table says what the picture hides.
What surprises is asked first, so that the reader has something at stake when the answer arrives.
The numbers come from cells that anyone can run again on a laptop without a network.
A lesson states one idea and shows where it breaks before it shows how to repair it.
"""

# %% id="step-3"
print(2)

# %% [markdown]
r"""
### Step 4

A lesson states one idea and shows where it breaks before it shows how to repair it.
The numbers come from cells that anyone can run again on a laptop without a network.
What surprises is asked first, so that the reader has something at stake when the answer arrives.
A picture says what the table cannot, and the table says what the picture hides.
A picture says what the table cannot, and the table says what the picture hides.
What surprises is asked first, so that the reader has something at stake when the answer arrives.
The numbers come from cells that anyone can run again on a laptop without a network.
A lesson states one idea and shows where it breaks before it shows how to repair it.
"""

# %% id="step-4"
print(3)

# %% [markdown]
r"""
### Step 5

A lesson states one idea and shows where it breaks before it shows how to repair it.
The numbers come from cells that anyone can run again on a laptop without a network.
What surprises is asked first, so that the reader has something at stake when the answer arrives.
A picture says what the table cannot, and the table says what the picture hides.
A picture says what the table cannot, and the table says what the picture hides.
What surprises is asked first, so that the reader has something at stake when the answer arrives.
The numbers come from cells that anyone can run again on a laptop without a network.
A lesson states one idea and shows where it breaks before it shows how to repair it.
"""

# %% id="step-5"
print(4)

# %% [markdown]
r"""
### Step 6

A lesson states one idea and shows where it breaks before it shows how to repair it.
The numbers come from cells that anyone can run again on a laptop without a network.
What surprises is asked first, so that the reader has something at stake when the answer arrives.
A picture says what the table cannot, and the table says what the picture hides.
A picture says what the table cannot, and the table says what the picture hides.
What surprises is asked first, so that the reader has something at stake when the answer arrives.
The numbers come from cells that anyone can run again on a laptop without a network.
A lesson states one idea and shows where it breaks before it shows how to repair it.
"""

# %% id="step-6"
print(5)

# %% [markdown]
r"""
### Step 7

A lesson states one idea and shows where it breaks before it shows how to repair it.
The numbers come from cells that anyone can run again on a laptop without a network.
What surprises is asked first, so that the reader has something at stake when the answer arrives.
A picture says what the table cannot, and the table says what the picture hides.
A picture says what the table cannot, and the table says what the picture hides.
What surprises is asked first, so that the reader has something at stake when the answer arrives.
The numbers come from cells that anyone can run again on a laptop without a network.
A lesson states one idea and shows where it breaks before it shows how to repair it.
"""

# %% id="step-7"
print(6)

# %% [markdown]
r"""
### Step 8

A lesson states one idea and shows where it breaks before it shows how to repair it.
The numbers come from cells that anyone can run again on a laptop without a network.
What surprises is asked first, so that the reader has something at stake when the answer arrives.
A picture says what the table cannot, and the table says what the picture hides.
A picture says what the table cannot, and the table says what the picture hides.
What surprises is asked first, so that the reader has something at stake when the answer arrives.
The numbers come from cells that anyone can run again on a laptop without a network.
A lesson states one idea and shows where it breaks before it shows how to repair it.
"""

# %% [markdown]
r"""
## Practice

> **Skill** cut to a budget · **Difficulty** 2/5 · **Importance** 4/5 · **Minutes** 10 · **Tier** core

Write `fit`.
"""


# %% id="fit"
def fit(text, budget):
    raise NotImplementedError


checks.fit.show(globals())
hint("fit")
reveal("fit")

# %% [markdown]
r"""
> **Skill** compare two · **Difficulty** 2/5 · **Importance** 4/5 · **Minutes** 10 · **Tier** stretch

Write `compare`.
"""

# %% id="compare"
hint("compare")

# %% [markdown]
r"""
> **Skill** your own text · **Difficulty** 2/5 · **Importance** 4/5 · **Minutes** 10 · **Tier** open

Take your own text (`hint("own")` helps).
"""

# %% id="quiz"
quiz()
