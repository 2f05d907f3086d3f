"""Benchmarks are run by hand; that they still fit the code is checked here, on a handful of mails."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest


@pytest.mark.dovecot
@pytest.mark.slow
def test_the_intake_benchmark_files_every_mail(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "bench.intake", "--mails", "40", "--database", "sqlite"],
        env=os.environ | {"PSA_DATA": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "kept 40, processed 40" in done.stdout
    assert "inbound_emails: 40" in done.stdout


@pytest.mark.slow
def test_the_pages_of_the_firm_are_clocked_with_few_clients_and_with_more(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "bench.firm", "--clients", "1100", "--rounds", "1"],
        env=os.environ | {"PSA_DATA": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "what is not invoiced" in done.stdout
