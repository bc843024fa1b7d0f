"""What the ledgers prove about themselves."""
