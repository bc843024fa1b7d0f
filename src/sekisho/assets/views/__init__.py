"""Pages of stocktakes and labels."""
