"""A room whose API forgot to say who may use it."""
