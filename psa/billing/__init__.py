"""What work is worth: time on tickets and projects, and what an hour costs."""
