"""Figures of the house, measured on demand."""
