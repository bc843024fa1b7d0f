"""Forms of governance. They read; the services decide."""
