"""What an observation means, as pure functions over what was observed."""
