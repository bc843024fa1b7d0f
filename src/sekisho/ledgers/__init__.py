"""Applications and approvals, and the base of tables that are written once. Nothing here knows what they are about."""
