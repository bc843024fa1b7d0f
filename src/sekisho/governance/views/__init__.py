"""Pages of governance: the requirements with their verdicts, claims about them, documents, rounds of assessment."""
