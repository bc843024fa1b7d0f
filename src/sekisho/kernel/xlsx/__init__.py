"""Excel workbooks from outside: read within bounds, and written into without changing anything but the cells named."""
