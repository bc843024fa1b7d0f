"""The ministry's checklist as its own workbook: which rows are items, which cells take answers, what stands in them."""
