"""The sandbox mail server, the letters that clients write, and the client's mail program."""
