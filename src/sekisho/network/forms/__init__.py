"""Forms of the network room. They read what was typed and decide nothing."""
