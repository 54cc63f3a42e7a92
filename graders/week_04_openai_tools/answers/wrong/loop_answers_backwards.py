# shows: Answers the calls in the reverse order.
# loses: loop-visible 1, loop-hidden 4
# %% id="loop"
def converse(client, messages, tools, functions, max_rounds=4):
    for rounds in range(max_rounds + 1):
        choice = "none" if rounds == max_rounds else "auto"
        reply = client.chat.completions.create(model=MODEL, messages=messages, tools=tools, tool_choice=choice)
        answer = reply.choices[0].message
        messages.append(answer.model_dump(include={"role", "content", "tool_calls"}, exclude_none=True))
        for call in reversed(answer.tool_calls or []):
            content = run_call(functions, call.function.name, call.function.arguments)
            messages.append({"role": "tool", "tool_call_id": call.id, "content": content})
        if not answer.tool_calls:
            break
    return answer.content


def run_call(functions, name, arguments):
    try:
        if name not in functions:
            raise LookupError(f"there is no tool {name!r}; there are {', '.join(functions)}")
        result = functions[name](**json.loads(arguments))
    except Exception as error:
        result = {"error": f"{type(error).__name__}: {error}"}
    return result if isinstance(result, str) else json.dumps(result)
