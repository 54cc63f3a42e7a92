# shows: Reads the numbers off the run with a budget of 400.
# loses: chatbot-hidden 2
# %% id="defended"
defended = {"requests": 11, "last messages": 23, "last tokens": 383}
