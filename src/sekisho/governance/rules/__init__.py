"""The judgement itself, as pure functions: what an edition is, what proves a requirement, what the verdict is."""
