"""Forms of people. They read; the services decide."""
