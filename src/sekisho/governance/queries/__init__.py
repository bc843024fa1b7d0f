"""Every read of governance: editions, mappings, verdicts."""
