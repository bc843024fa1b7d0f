"""What every room of the house may lean on: errors, clock, ids, canonical JSON, actors, ports, declarations.

Plain Python only: nothing here knows Django, a database or a web request.
"""
