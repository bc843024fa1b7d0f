"""Every write of governance."""
