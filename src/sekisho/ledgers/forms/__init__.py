"""Forms of applications and of ledgers. They read; the services decide."""
