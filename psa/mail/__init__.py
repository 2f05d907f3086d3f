"""Email in and out: the ground floor that understands it, the way in, the way out, and what tells why."""
