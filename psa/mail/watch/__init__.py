"""Watching over the mailboxes: does the sum hold, does mail arrive that should, and who is told when not."""
