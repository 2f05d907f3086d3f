"""Own words, quoted words, signatures and forwarded mail. They are folded, never deleted."""
