"""Forms of stocktakes and labels. They read; the services decide."""
