"""Who wrote to whom, when, about what, and in answer to what: the header fields read as facts."""
