"""Every write of the network room."""
