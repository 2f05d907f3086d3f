"""The way out: compose → outbox → claim → transport → attempt."""
