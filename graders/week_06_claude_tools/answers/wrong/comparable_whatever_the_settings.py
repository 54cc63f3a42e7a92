# shows: Compares what everyone answered, whatever the settings.
# loses: comparison-visible 1, comparison-hidden 3
# %% id="comparison"
def comparable(runs):
    """Return the prompts on which every contender can be compared."""
    contenders = {run["contender"] for run in runs}
    by_prompt = {}
    for run in runs:
        by_prompt.setdefault(run["prompt"], []).append(run)
    return sorted(prompt for prompt, made in by_prompt.items() if {run["contender"] for run in made} == contenders)


def scorecard(runs, prices):
    """Return a row of figures for each contender, over the comparable prompts."""
    fair, card = set(comparable(runs)), {}
    for run in runs:
        if run["prompt"] in fair:
            card.setdefault(run["contender"], []).append(run)
    return {contender: figures(made, prices[made[0]["wire"]]) for contender, made in card.items()}


def figures(made, price):
    """One contender's row."""
    tokens = {way: sum(run[way] for run in made) for way in ("input", "output")}
    usd = sum(tokens[way] * price[way] for way in tokens) / 1e6
    return {"prompts": len(made), "score": sum(map(rule_score, made)) / len(made), **tokens, "usd": usd}


def duel(judge, question, one, two):
    """Return which answer a judge prefers, whatever its place."""
    replies = [judge(question, one, two), judge(question, two, one)]
    words = [reply.strip(" \t\r\n.").upper() for reply in replies]
    if not {*words} <= {"A", "B", "TIE"}:
        return "void"
    return {("A", "B"): "one", ("B", "A"): "two"}.get(tuple(words), "tie")


def verdict(outcomes):
    """Return the counts of duels, the sign test's p, and who is better, if anybody is."""
    counts = {name: outcomes.count(name) for name in ("one", "two", "tie", "void")}
    decided, most = counts["one"] + counts["two"], max(counts["one"], counts["two"])
    p = min(1, 2 * sum(math.comb(decided, won) for won in range(most, decided + 1)) / 2**decided)
    better = ("one" if counts["one"] == most else "two") if p < 0.05 else None
    return {**counts, "p": p, "better": better}
