# shows: Returns the same turn whatever is asked.
# loses: turn-visible 4, turn-hidden 8
# %% id="turn"
def take_turn(client, model, history, text, *, system="", limit=200, fit=keep_all, send=plain_send):
    return {"text": "Noted.", "history": [], "usage": {"input": 0, "output": 0}, "cut": False}
