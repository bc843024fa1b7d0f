"""Every write of the assets beside those of its ledgers: stocktakes."""
