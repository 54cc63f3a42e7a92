"""Points that a person gives: a lab's rubric, read from its page, and shown where they are given."""
