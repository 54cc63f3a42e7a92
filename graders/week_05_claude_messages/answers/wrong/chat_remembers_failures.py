# shows: Writes the question down before there is an answer.
# loses: chat-hidden 3
# %% id="chat"
class Chat:
    """A conversation that changes the provider when one fails."""

    def __init__(self, backends, patience_s=1.0, sleep=time.sleep):
        self.backends, self.patience_s, self.sleep = backends, patience_s, sleep
        self.turns = []

    def send(self, text):
        """Return the Reply to `text`. Raises Permanent, or Retryable when nobody answers."""
        self.turns.append({"role": "user", "text": text})
        asked = list(self.turns)
        reply = self._first_answer(asked)
        self.turns.append({"role": "assistant", "text": reply.text})
        return reply

    def _first_answer(self, turns):
        for name, ask in self.backends:
            for is_second in (False, True):
                try:
                    return ask(turns)._replace(provider=name)
                except Retryable as error:
                    wait = error.retry_after_s
                if is_second or wait is None or wait > self.patience_s:
                    break
                self.sleep(wait)
        raise Retryable("no backend answers; ask again later")
