"""People: staff, accounts, roles, sign-in and sessions."""
