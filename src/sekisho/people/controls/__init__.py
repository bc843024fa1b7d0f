"""What the platform's own sign-in proves, for the platform alone."""
