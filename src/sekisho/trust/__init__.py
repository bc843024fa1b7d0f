"""Pure cryptography: no state, no events, no clock of its own."""
