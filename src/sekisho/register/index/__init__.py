"""The search index: a SQLite file of its own beside every database, made from the log and always made again from it.

No Django in here. A row says only where an event is found; what happened is read from the log, and checked there.
"""
