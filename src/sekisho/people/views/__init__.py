"""Pages of people: signing in, setting up an account, the list of people, one's own settings."""
