"""Governance: the guideline as data, what proves each requirement, and the verdicts that follow."""
