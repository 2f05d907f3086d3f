"""Evidence to hand on: what is known of a test, an account or a message, without passwords, tokens and text of mail."""
