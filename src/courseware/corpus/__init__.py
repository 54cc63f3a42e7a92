"""What there is to search, and how well a search found it."""
