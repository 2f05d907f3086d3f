"""HTML made harmless, and HTML read as text, over one tokeniser of our own."""
