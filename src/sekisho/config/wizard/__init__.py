"""The first steps of an installation: from nothing to a first honest Fit&Gap, for a person alone and no specialist.

It keeps nothing of its own: where it stands is read from the ledgers; what was put off lasts until the sign-out.
"""
