"""Real servers for tests: Dovecot, an SMTP server that misbehaves on demand, PostgreSQL, and a proxy of faults."""
