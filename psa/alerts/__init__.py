"""What somebody has to know of: a mailbox that cannot be read, mail that should have come."""
