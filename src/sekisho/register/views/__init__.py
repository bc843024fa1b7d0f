"""Pages of the register, and how its events are put into words."""
