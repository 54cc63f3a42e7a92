# shows: Sends the newest message alone, as if the server kept the rest.
# loses: turn-visible 2, turn-hidden 2
# %% id="turn"
def take_turn(client, model, history, text, *, system="", limit=200, fit=keep_all, send=plain_send):
    instructions = [{"role": "system", "content": system}] if system else []
    asked = {"role": "user", "content": text}
    messages = fit([*instructions, asked])
    completion = send(client, {"model": model, "messages": messages, "max_completion_tokens": limit})
    choice, usage = completion.choices[0], completion.usage
    words = choice.message.content or ""
    return {
        "text": words,
        "history": [*history, asked, {"role": "assistant", "content": words}],
        "usage": {"input": usage.prompt_tokens, "output": usage.completion_tokens},
        "cut": choice.finish_reason == "length",
    }
