"""The template tags of the building blocks."""
