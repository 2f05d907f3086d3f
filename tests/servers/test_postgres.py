"""PostgreSQL as the tests start it."""

import pytest
from sqlalchemy import create_engine, text

from tests.servers.postgres import Postgres

pytestmark = pytest.mark.postgres


def test_its_url_leads_to_an_empty_database(postgres: Postgres) -> None:
    engine = create_engine(postgres.url)
    with engine.connect() as connection:
        tables = "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'"
        assert connection.scalar(text(tables)) == 0
        assert connection.scalar(text("SHOW server_version_num")) >= "130000"
    engine.dispose()


def test_databases_do_not_see_each_other(postgres: Postgres) -> None:
    first, second = (create_engine(postgres.create_database(name)) for name in ("first", "second"))
    with first.begin() as connection:
        connection.execute(text("CREATE TABLE ticket (number int)"))
    with second.connect() as connection:
        assert connection.scalar(text("SELECT to_regclass('ticket')")) is None
    first.dispose()
    second.dispose()
