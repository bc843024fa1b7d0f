"""What the assets prove by looking."""
