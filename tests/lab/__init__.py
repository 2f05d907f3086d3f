"""The fault lab: every way in which a mail server is known to fail, done for real, against the code of production.

`python -m tests.lab` runs it and writes docs/reliability.md.
"""
