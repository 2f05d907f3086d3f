"""Whether others believe that mail is a sender's own: what its domain's records say, and what they should say."""
