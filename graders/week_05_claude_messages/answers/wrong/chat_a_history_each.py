# shows: Keeps a history for each provider.
# loses: chat-visible 1, chat-hidden 2
# %% id="chat"
class Chat:
    """A conversation that changes the provider when one fails."""

    def __init__(self, backends, patience_s=1.0, sleep=time.sleep):
        self.backends, self.patience_s, self.sleep = backends, patience_s, sleep
        self.turns = {name: [] for name, _ in backends}

    def send(self, text):
        """Return the Reply to `text`. Raises Permanent, or Retryable when nobody answers."""
        question = {"role": "user", "text": text}
        reply = self._first_answer(question)
        self.turns[reply.provider] += [question, {"role": "assistant", "text": reply.text}]
        return reply

    def _first_answer(self, question):
        for name, ask in self.backends:
            for is_second in (False, True):
                try:
                    return ask([*self.turns[name], question])._replace(provider=name)
                except Retryable as error:
                    wait = error.retry_after_s
                if is_second or wait is None or wait > self.patience_s:
                    break
                self.sleep(wait)
        raise Retryable("no backend answers; ask again later")
