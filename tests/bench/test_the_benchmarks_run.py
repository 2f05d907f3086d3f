"""Benchmarks are run by hand; that they still fit the code is checked here, on a handful of mails."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest


def run(name: str, data: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", f"bench.{name}", *arguments],
        env=os.environ | {"PSA_DATA": str(data)},
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@pytest.mark.dovecot
@pytest.mark.slow
def test_the_intake_benchmark_files_every_mail(tmp_path):
    told = run("intake", tmp_path, "--mails", "40", "--database", "sqlite")
    assert "kept 40, processed 40" in told
    assert "inbound_emails: 40" in told


@pytest.mark.dovecot
@pytest.mark.slow
def test_the_latency_benchmark_sees_a_ticket_for_every_mail(tmp_path):
    told = run("latency", tmp_path, "--mails", "2", "--database", "sqlite")
    assert re.search("from arrival .* N=2\n", told)
    assert re.search("from the server's news .* N=2\n", told)


@pytest.mark.slow
def test_the_delivery_benchmark_sends_every_mail_in_turn_with_a_bare_loop(tmp_path):
    told = run("delivery", tmp_path, "--mails", "20", "--queued", "20", "--database", "sqlite")
    assert "20 mails of" in told
    assert "share of the loop" in told


@pytest.mark.slow
def test_the_pages_of_the_firm_are_clocked_with_few_clients_and_with_more(tmp_path):
    assert "what is not invoiced" in run("firm", tmp_path, "--clients", "1100", "--rounds", "1")


@pytest.mark.slow
def test_the_pages_of_the_mail_log_are_clocked_with_few_messages_and_with_more(tmp_path):
    told = run("paging", tmp_path, "--messages", "12000", "--database", "sqlite")
    assert "searched: a common word in what was partly sent" in told


@pytest.mark.slow
def test_the_rule_engine_is_clocked_alone_and_rehearsing(tmp_path):
    told = run("routing", tmp_path, "--rules", "5", "--mails", "20")
    assert "engine alone" in told
    assert "a new rule that matches everything" in told


@pytest.mark.slow
def test_reading_a_mail_is_clocked_stage_by_stage(tmp_path):
    assert "attachments" in run("parsing", tmp_path, "--mails", "10", "--rounds", "1")


@pytest.mark.slow
def test_attacking_the_reader_ends_with_the_number_of_its_failures(tmp_path):
    assert "0 failures" in run("fuzzing", tmp_path, "--mutations", "50")
