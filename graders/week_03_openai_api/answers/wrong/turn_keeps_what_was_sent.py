# shows: Remembers only what was sent: what fit left out is lost for good.
# loses: turn-hidden 1
# %% id="turn"
def take_turn(client, model, history, text, *, system="", limit=200, fit=keep_all, send=plain_send):
    instructions = [{"role": "system", "content": system}] if system else []
    asked = {"role": "user", "content": text}
    messages = fit([*history, asked])
    completion = send(client, {"model": model, "messages": [*instructions, *messages], "max_completion_tokens": limit})
    choice, usage = completion.choices[0], completion.usage
    words = choice.message.content or ""
    return {
        "text": words,
        "history": [*messages, {"role": "assistant", "content": words}],
        "usage": {"input": usage.prompt_tokens, "output": usage.completion_tokens},
        "cut": choice.finish_reason == "length",
    }
