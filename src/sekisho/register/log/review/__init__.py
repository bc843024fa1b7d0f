"""The review's machinery: rows of the log as Parquet, rules as SQL, and the process that runs them. No Django in it.

DuckDB takes memory that the web process would keep, so it is only loaded by :mod:`press`, a process of its own.
"""
