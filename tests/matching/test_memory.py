"""What the processes of a worker share, and what each has for itself."""

import gc
import os
import subprocess
import sys
from pathlib import Path

import pytest
from celery import signals

from matching import encodings, index
from tooling.environment import ROOT

pytestmark = pytest.mark.django_db
SHARING = """
import gc, os, django
django.setup()
from celery import signals
signals.worker_before_create_process.send(sender=None)
if os.fork() == 0:
    gc.collect()
    lines = open("/proc/self/smaps_rollup").read().splitlines()[1:]
    kb = {line.split(":")[0]: int(line.split()[1]) for line in lines}
    print(kb["Private_Dirty"], kb["Shared_Dirty"], flush=True)
    os._exit(0)
os.wait()
"""


@pytest.fixture
def _thawed():
    yield
    gc.unfreeze()


@pytest.mark.usefixtures("_thawed")
def test_words_are_read_before_processes_part(monkeypatch, django_assert_num_queries):
    closed = []
    monkeypatch.setattr(index.connections, "close_all", lambda: closed.append(True))
    encodings.forget()
    signals.worker_before_create_process.send(sender=None)
    assert closed  # the line to the database belongs to one process
    with django_assert_num_queries(0):
        shared = encodings.words()
    signals.worker_process_init.send(sender=None)
    assert encodings.words() is shared  # looked at again, and not changed


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="Linux tells")
def test_collecting_garbage_writes_to_nothing_that_processes_share(tmp_path):
    env = {**os.environ, "DATABASE_URL": f"sqlite:///{tmp_path / 'none.sqlite3'}",
           "DATA_DIR": str(tmp_path), "PYTHONPATH": str(ROOT)}  # fmt: skip
    done = subprocess.run([sys.executable, "-c", SHARING], env=env, cwd=ROOT, check=True,
                          stdout=subprocess.PIPE, text=True)  # fmt: skip
    private, shared = map(int, done.stdout.split())
    assert private < shared / 4


@pytest.mark.usefixtures("_thawed")
def test_a_worker_starts_also_when_the_database_does_not_answer(monkeypatch):
    def away():
        raise index.DatabaseError("gone")

    monkeypatch.setattr(index.connections, "close_all", lambda: None)
    monkeypatch.setattr(encodings, "words", away)
    signals.worker_before_create_process.send(sender=None)
