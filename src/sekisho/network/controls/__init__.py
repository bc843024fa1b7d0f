"""What the network room proves. Each judges what was last seen, and looks at nothing itself."""
