# shows: Off by one: counts retries where attempts are asked for.
# loses: retries-hidden 3
# %% id="retries"
def send_with_retries(client, request, *, attempts=4, base_s=0.5, most_s=8.0, sleep=time.sleep, rng=random):
    once, failures = client.with_options(max_retries=0), 0
    while True:
        try:
            return plain_send(once, request)
        except openai.APIError as error:
            failures += 1
            if failures > attempts or not may_pass(error):
                raise
            wait = wait_s(error, min(most_s, base_s * 2 ** (failures - 1)), rng)
        sleep(wait)


def may_pass(error):
    if isinstance(error, openai.APIStatusError):
        return error.status_code in (408, 409, 429) or error.status_code >= 500
    return isinstance(error, openai.APIConnectionError)


def wait_s(error, full_s, rng):
    headers = error.response.headers if isinstance(error, openai.APIStatusError) else {}
    return float(headers.get("retry-after", rng.uniform(full_s / 2, full_s)))
