"""The office's database: transactions, threads, snapshots, versions, files."""

import gc
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Column, Connection, ForeignKey, Integer, String, Table, insert, select

from softcert.errors import Damaged
from softcert_ca.store import SCHEMA, Store, after_commit, metadata

things = Table("test_things", metadata, Column("id", Integer, primary_key=True), Column("word", String))
parts = Table("test_parts", metadata, Column("thing", Integer, ForeignKey("test_things.id"), nullable=False))


@pytest.fixture(params=["memory", "file"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    url = "sqlite://" if request.param == "memory" else f"sqlite:///{tmp_path / 'office.db'}"
    with Store.open(url) as opened:
        yield opened


@pytest.fixture
def memory() -> Iterator[Store]:
    with Store.open("sqlite://") as opened:
        yield opened


def put(connection: Connection, word: str) -> None:
    connection.execute(insert(things), {"word": word})


def words(store: Store) -> list[str]:
    with store.read() as connection:
        return list(connection.execute(select(things.c.word).order_by(things.c.id)).scalars())


def test_what_was_committed_stays(store: Store):
    with store.begin() as connection:
        put(connection, "one")
    assert words(store) == ["one"]


def test_an_exception_undoes_everything_even_one_that_kills_the_process(store: Store):
    class Killed(BaseException):
        pass

    def work() -> None:
        with store.begin() as connection:
            put(connection, "one")
            raise Killed

    with pytest.raises(Killed):
        work()
    assert words(store) == []


def test_a_reader_leaves_nothing_behind(store: Store):
    with store.read() as connection:
        put(connection, "one")
    assert words(store) == []


def test_a_transaction_holds_the_write_lock_from_its_first_moment(tmp_path: Path):
    with Store.open(f"sqlite:///{tmp_path / 'office.db'}") as store, store.begin():
        other = sqlite3.connect(tmp_path / "office.db", timeout=0, isolation_level=None)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        other.close()


def test_a_reader_sees_one_state_while_another_writes(tmp_path: Path):
    with Store.open(f"sqlite:///{tmp_path / 'office.db'}") as store, store.read() as connection:
        assert connection.execute(select(things)).all() == []
        with store.begin() as writer:
            put(writer, "one")
        assert connection.execute(select(things)).all() == []


def test_a_file_is_durable_and_keeps_its_references(tmp_path: Path):
    url = f"sqlite:///{tmp_path / 'office.db'}"
    with Store.open(url) as store, store.read() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2


def test_a_reference_to_nothing_is_refused(store: Store):
    with pytest.raises(Exception, match="FOREIGN KEY"), store.begin() as connection:
        connection.execute(insert(parts), {"thing": 77})


def test_records_of_a_file_are_there_after_it_was_closed(tmp_path: Path):
    url = f"sqlite:///{tmp_path / 'office.db'}"
    with Store.open(url) as store, store.begin() as connection:
        put(connection, "one")
    with Store.open(url) as again:
        assert words(again) == ["one"]


def test_a_memory_database_is_usable_from_another_thread_one_at_a_time(memory: Store):
    def write() -> None:
        for _ in range(25):
            with memory.begin() as connection:
                put(connection, threading.current_thread().name)

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(words(memory)) == 100


def test_two_memory_stores_share_nothing(memory: Store):
    with Store.open("sqlite:///:memory:") as other:
        with other.begin() as connection:
            put(connection, "elsewhere")
        assert words(memory) == []


def test_a_snapshot_restores_exactly(memory: Store):
    with memory.begin() as connection:
        put(connection, "one")
    image = memory.snapshot()
    with memory.begin() as connection:
        put(connection, "two")
    memory.restore(image)
    assert words(memory) == ["one"]
    assert memory.snapshot() == image
    with memory.begin() as connection:
        put(connection, "three")
    assert words(memory) == ["one", "three"]


def test_the_same_writes_give_the_same_bytes():
    images: list[bytes] = []
    for _ in range(2):
        with Store.open("sqlite://") as store:
            with store.begin() as connection:
                put(connection, "one")
            images.append(store.snapshot())
    assert images[0] == images[1]


def test_references_are_still_kept_after_a_restore(memory: Store):
    memory.restore(memory.snapshot())
    with pytest.raises(Exception, match="FOREIGN KEY"), memory.begin() as connection:
        connection.execute(insert(parts), {"thing": 77})


def test_no_snapshot_inside_a_transaction(memory: Store):
    image = memory.snapshot()
    with memory.begin(), pytest.raises(RuntimeError, match="inside a transaction"):
        memory.snapshot()
    with memory.read(), pytest.raises(RuntimeError, match="inside a transaction"):
        memory.restore(image)


def test_no_transaction_inside_a_transaction(memory: Store):
    with memory.begin(), pytest.raises(RuntimeError, match="inside a transaction"), memory.read():
        pass
    assert words(memory) == []


def test_a_file_has_no_snapshot(tmp_path: Path):
    with Store.open(f"sqlite:///{tmp_path / 'office.db'}") as store, pytest.raises(RuntimeError, match="memory"):
        store.snapshot()


@pytest.mark.parametrize("image", [b"", b"SQLite format 3\0", b"something else"])
def test_other_bytes_are_no_snapshot_and_change_nothing(memory: Store, image: bytes):
    with memory.begin() as connection:
        put(connection, "one")
    with pytest.raises(Damaged):
        memory.restore(image)
    assert words(memory) == ["one"]


def test_a_newer_database_is_refused_with_both_versions(tmp_path: Path):
    path = tmp_path / "office.db"
    Store.open(f"sqlite:///{path}").close()
    driver = sqlite3.connect(path)
    driver.execute(f"PRAGMA user_version = {SCHEMA + 1}")
    driver.close()
    with pytest.raises(Damaged, match=f"version {SCHEMA + 1} .* up to {SCHEMA}"):
        Store.open(f"sqlite:///{path}")


def test_somebody_elses_database_is_left_alone(tmp_path: Path):
    path = tmp_path / "recipes.db"
    driver = sqlite3.connect(path)
    driver.execute("CREATE TABLE recipes (name)")
    driver.close()
    before = path.read_bytes()
    with pytest.raises(Damaged, match="not made by the office"):
        Store.open(f"sqlite:///{path}")
    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_named(tmp_path: Path):
    path = tmp_path / "letter.txt"
    path.write_text("Dear office, " * 50)
    with pytest.raises(Damaged, match="not a database"):
        Store.open(f"sqlite:///{path}")
    assert path.read_text() == "Dear office, " * 50


def test_another_kind_of_database_is_refused():
    with pytest.raises(ValueError, match="SQLite"):
        Store.open("postgresql://localhost/office")


def test_what_follows_a_commit_runs_once_after_it(store: Store):
    seen: list[object] = []
    with store.begin() as connection:
        put(connection, "one")
        after_commit(connection, "key", lambda: seen.append("replaced"))
        after_commit(connection, "key", lambda: seen.append("after"))
        seen.append("before")
    assert seen == ["before", "after"]
    assert words(store) == ["one"]
    with store.begin():
        pass
    assert seen == ["before", "after"]


def test_what_follows_a_commit_does_not_run_after_a_rollback(store: Store):
    seen: list[str] = []

    def work() -> None:
        with store.begin() as connection:
            after_commit(connection, "key", lambda: seen.append("after"))
            raise KeyError

    with pytest.raises(KeyError):
        work()
    with store.begin():
        pass
    assert seen == []


def test_an_action_that_fails_after_the_commit_undoes_nothing(store: Store):
    def fail() -> None:
        raise OSError("disk full")

    def work() -> None:
        with store.begin() as connection:
            put(connection, "one")
            after_commit(connection, "key", fail)

    with pytest.raises(OSError, match="disk full"):
        work()
    assert words(store) == ["one"]


def test_a_reader_has_no_commit_to_follow(store: Store):
    with store.read() as connection, pytest.raises(LookupError):
        after_commit(connection, "key", lambda: None)


def test_a_forgotten_memory_store_leaves_quietly():
    words(Store.open("sqlite://"))
    gc.collect()
    with Store.open("sqlite://") as store:
        assert words(store) == []
