"""Whether the endpoints answer: what is asked, the asking itself, and what was heard so far."""
