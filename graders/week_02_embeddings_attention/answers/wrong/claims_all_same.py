# shows: Believes that nothing moves a cosine ranking.
# loses: search-hidden 2
# %% id="claims"
claims = {
    "query times 3": "same",
    "query times -1": "same",
    "each document times a positive number of its own": "same",
    "the same vector added to query and documents": "same",
    "first half of the numbers only": "same",
    "numbers of all vectors shuffled in the same way": "same",
}
