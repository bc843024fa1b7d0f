"""Reading what others' tools found: one reader a format, one plain shape for all."""
