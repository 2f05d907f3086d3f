"""The palette (Ctrl K) and the page of the same search: one line that leads to anything in the house."""
