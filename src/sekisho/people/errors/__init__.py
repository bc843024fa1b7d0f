"""What can go wrong with people and sign-in, a file a subject."""
