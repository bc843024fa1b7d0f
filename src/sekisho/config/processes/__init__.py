"""The processes of ``sekisho up``: what is checked before, who starts whom, and what each one does."""
