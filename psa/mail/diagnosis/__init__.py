"""What went wrong, in words: the catalogue of causes (pure), and the tests that an admin starts."""
