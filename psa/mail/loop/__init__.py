"""The full-loop test: a mail leaves, arrives, becomes a ticket, is answered, and the answer finds the ticket."""
