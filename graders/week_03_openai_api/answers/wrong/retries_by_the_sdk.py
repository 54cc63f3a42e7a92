# shows: Leaves it all to the SDK, which knows neither sleep nor rng.
# loses: retries-visible 2, retries-hidden 8
# %% id="retries"
def send_with_retries(client, request, *, attempts=4, base_s=0.5, most_s=8.0, sleep=time.sleep, rng=random):
    return plain_send(client.with_options(max_retries=attempts - 1), request)
