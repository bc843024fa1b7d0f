"""Pages of applications: the list, one application with its history and files, and every decision about it."""
