"""The tests of the servers themselves use the same fixtures as everybody else's."""

from tests.servers.fixtures import ca, ca_pem, dovecot, postgres, running_dovecot, smtp_server

__all__ = ["ca", "ca_pem", "dovecot", "postgres", "running_dovecot", "smtp_server"]
