"""Pages of the estate: for every ledger a list, one entry, its form, closing and reopening."""
