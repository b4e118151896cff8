"""The audit log: what each kind of tampering looks like, and what a crash or an older copy leaves behind."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Connection, delete, insert, select, update

from softcert.errors import Damaged
from softcert.protocol import sha256, to_bytes
from softcert.rules.verdict import Verdict
from softcert_ca.audit import LAG, AuditHead, FileHead, MemoryHead, append, audit, entries, mend, verify
from softcert_ca.store import Store


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.open("sqlite://") as opened:
        yield opened


@pytest.fixture
def head() -> MemoryHead:
    return MemoryHead()


def write(store: Store, head: AuditHead, count: int) -> None:
    for number in range(count):
        with store.begin() as connection:
            append(connection, head, at=1000 + number, act="login", actor="device", outcome="allowed")


def findings(store: Store, head: AuditHead) -> list[tuple[str, int]]:
    with store.read() as connection:
        return [(finding.kind, finding.entry) for finding in verify(connection, head)]


def tamper(store: Store, work: Callable[[Connection], object]) -> None:
    with store.begin() as connection:
        work(connection)


def renumber(connection: Connection, first: int, last: int, by: int) -> None:
    for seq in range(last, first - 1, -1) if by > 0 else range(first, last + 1):
        connection.execute(update(audit).where(audit.c.seq == seq).values(seq=seq + by))


def swap(connection: Connection, one: int, other: int) -> None:
    for old, new in ((one, 999), (other, one), (999, other)):
        connection.execute(update(audit).where(audit.c.seq == old).values(seq=new))


def forged(connection: Connection, seq: int, **changes: object) -> dict[str, object]:
    """Entry `seq` as a knowledgeable insider writes it: with a hash that fits."""
    row = dict(connection.execute(select(audit).where(audit.c.seq == seq)).mappings().one())
    content = {**{name: value for name, value in row.items() if name != "hash"}, **changes}
    return {**content, "hash": sha256(to_bytes(content))}


def rewrite_from(connection: Connection, first: int, **changes: object) -> None:
    """Change entry `first` and write every later hash anew."""
    last = connection.execute(select(audit.c.seq).order_by(audit.c.seq.desc())).scalar()
    previous: object = None
    for seq in range(first, (last or 0) + 1):
        entry = forged(connection, seq, **(changes if previous is None else {"previous": previous}))
        connection.execute(update(audit).where(audit.c.seq == seq).values(**entry))
        previous = entry["hash"]


def test_an_honest_log_has_no_findings(store: Store, head: MemoryHead):
    assert findings(store, head) == []
    write(store, head, 12)
    assert findings(store, head) == []
    with store.read() as connection:
        assert head.get() == (12, list(entries(connection))[-1].hash)


def test_a_verdict_is_kept_whole(store: Store, head: MemoryHead):
    verdict = Verdict("download", "office", "one-time-link", "used", (("address", "used"),), ("one-time-link",))
    with store.begin() as connection:
        assert append(
            connection, head, at=5, act="download", actor="dev", outcome=verdict, details={"application": "a1"}
        ) == 1
    with store.read() as connection:
        entry = next(entries(connection))
    assert (entry.at, entry.act, entry.actor, entry.outcome, entry.rule, entry.reason) == (
        5, "download", "dev", "refused", "one-time-link", "used",
    )  # fmt: skip
    assert entry.details == '{"application":"a1","asked":["one-time-link"],"facts":{"address":"used"}}'


def test_several_entries_of_one_transaction_chain(store: Store, head: MemoryHead):
    with store.begin() as connection:
        numbers = [append(connection, head, at=1, act="a", actor="x", outcome="done") for _ in range(3)]
        assert head.get() == (0, "")
    assert (numbers, head.get()[0], findings(store, head)) == ([1, 2, 3], 3, [])


def test_the_head_does_not_follow_a_transaction_that_failed(store: Store, head: MemoryHead):
    def work() -> None:
        with store.begin() as connection:
            append(connection, head, at=1, act="a", actor="x", outcome="done")
            raise KeyError

    with pytest.raises(KeyError):
        work()
    assert (head.get(), findings(store, head)) == ((0, ""), [])


@pytest.mark.parametrize("column", [c.name for c in audit.columns if c.name != "seq"])
def test_a_changed_entry_is_named(store: Store, head: MemoryHead, column: str):
    write(store, head, 6)
    tamper(store, lambda c: c.execute(update(audit).where(audit.c.seq == 3).values({column: 7})))
    assert findings(store, head) == [("changed", 3)]


def test_an_entry_changed_together_with_its_hash_is_named(store: Store, head: MemoryHead):
    write(store, head, 6)
    tamper(store, lambda c: c.execute(update(audit).where(audit.c.seq == 3).values(**forged(c, 3, actor="nobody"))))
    assert findings(store, head) == [("changed", 3)]


@pytest.mark.parametrize("seq", [1, 4, 6])
def test_a_removed_entry_is_named(store: Store, head: MemoryHead, seq: int):
    write(store, head, 6)
    tamper(store, lambda c: c.execute(delete(audit).where(audit.c.seq == seq)))
    assert findings(store, head) == [("removed", seq)]


@pytest.mark.parametrize("seq", [1, 4])
def test_a_removed_entry_is_named_when_the_later_ones_close_the_gap(store: Store, head: MemoryHead, seq: int):
    write(store, head, 6)

    def work(connection: Connection) -> None:
        connection.execute(delete(audit).where(audit.c.seq == seq))
        renumber(connection, seq + 1, 6, -1)

    tamper(store, work)
    assert findings(store, head) == [("removed", seq)]


@pytest.mark.parametrize(("one", "other"), [(1, 2), (2, 5), (3, 4), (5, 6)])
def test_the_first_of_reordered_entries_is_named(store: Store, head: MemoryHead, one: int, other: int):
    write(store, head, 6)
    tamper(store, lambda c: swap(c, one, other))
    assert findings(store, head) == [("reordered", one)]


def test_an_entry_moved_to_the_end_is_named(store: Store, head: MemoryHead):
    write(store, head, 6)
    tamper(store, lambda c: c.execute(update(audit).where(audit.c.seq == 3).values(seq=7)))
    assert findings(store, head) == [("reordered", 3)]


@pytest.mark.parametrize("hash_fits", [True, False])
def test_an_inserted_entry_is_named(store: Store, head: MemoryHead, hash_fits: bool):
    write(store, head, 6)

    def work(connection: Connection) -> None:
        entry = forged(connection, 3, actor="nobody")
        renumber(connection, 3, 6, 1)
        connection.execute(insert(audit), {**entry, **({} if hash_fits else {"hash": "00"})})

    tamper(store, work)
    assert findings(store, head) == [("inserted", 3)]


def test_a_copy_of_an_old_entry_is_named(store: Store, head: MemoryHead):
    write(store, head, 6)

    def work(connection: Connection) -> None:
        row = dict(connection.execute(select(audit).where(audit.c.seq == 2)).mappings().one())
        renumber(connection, 5, 6, 1)
        connection.execute(insert(audit), {**row, "seq": 5})

    tamper(store, work)
    assert findings(store, head) == [("inserted", 5)]


def test_a_log_written_anew_from_some_entry_on_does_not_fit_the_head(store: Store, head: MemoryHead):
    write(store, head, 6)
    tamper(store, lambda c: rewrite_from(c, 3, actor="nobody"))
    assert findings(store, head) == [("changed", 6)]
    with store.begin() as connection, pytest.raises(Damaged, match="written anew"):
        mend(connection, head)


def test_an_older_copy_of_the_database_is_reported_and_stops_the_office(store: Store, head: MemoryHead):
    write(store, head, 3)
    old = store.snapshot()
    write(store, head, 2)
    store.restore(old)
    assert findings(store, head) == [("removed", 4)]
    with store.begin() as connection, pytest.raises(Damaged, match=r"knows 5 entries, the log ends with 3.*older copy"):
        mend(connection, head)
    with store.begin() as connection, pytest.raises(Damaged, match="older copy"):
        append(connection, head, at=1, act="a", actor="x", outcome="done")
    assert head.get()[0] == 5


def test_a_head_that_a_crash_left_behind_is_accepted_and_mended(store: Store, head: MemoryHead):
    write(store, head, 3)
    behind = MemoryHead(head.value)
    write(store, head, 1)
    assert findings(store, behind) == []
    with store.begin() as connection:
        mend(connection, behind)
    assert behind == head


def test_a_head_behind_entries_that_do_not_chain_onto_it_is_not_mended(store: Store, head: MemoryHead):
    write(store, head, 3)
    behind = MemoryHead(head.value)
    write(store, head, 1)
    tamper(store, lambda c: c.execute(update(audit).where(audit.c.seq == 4).values(actor="nobody")))
    with store.begin() as connection, pytest.raises(Damaged, match="entry 4"):
        mend(connection, behind)
    assert behind.get()[0] == 3


def test_more_entries_than_a_crash_leaves_are_reported(store: Store, head: MemoryHead):
    write(store, head, 2)
    behind = MemoryHead(head.value)
    write(store, head, LAG)
    assert findings(store, behind) == []
    write(store, head, 1)
    assert findings(store, behind) == [("inserted", 3)]
    with store.begin() as connection, pytest.raises(Damaged, match="more than an interruption"):
        mend(connection, behind)


def test_mending_an_honest_log_changes_nothing(store: Store, head: MemoryHead):
    for count in (0, 2):
        write(store, head, count)
        before = head.value
        with store.begin() as connection:
            mend(connection, head)
        assert head.value == before


def test_the_same_acts_give_the_same_log():
    heads: list[MemoryHead] = []
    for _ in range(2):
        heads.append(MemoryHead())
        with Store.open("sqlite://") as store:
            write(store, heads[-1], 3)
    assert heads[0] == heads[1]


def test_a_head_in_a_file_survives_and_moves_forward_only(tmp_path: Path):
    path = tmp_path / "audit-head"
    head = FileHead(path)
    assert head.get() == (0, "")
    head.set(2, "ab")
    head.set(1, "cd")
    assert FileHead(path).get() == (2, "ab")
    assert [entry.name for entry in tmp_path.iterdir()] == ["audit-head"]


def test_a_head_in_a_file_follows_the_log(tmp_path: Path):
    head = FileHead(tmp_path / "audit-head")
    with Store.open(f"sqlite:///{tmp_path / 'office.db'}") as store:
        write(store, head, 3)
        assert (head.get()[0], findings(store, head)) == (3, [])


@pytest.mark.parametrize("content", [b"", b"{}", b"[1, 2]", b'{"count": "x", "hash": ""}', b"\xff"])
def test_a_damaged_head_is_named_and_not_taken_for_none(tmp_path: Path, content: bytes):
    path = tmp_path / "audit-head"
    path.write_bytes(content)
    with pytest.raises(Damaged, match="audit-head is not an audit head"):
        FileHead(path).get()


def test_the_highest_of_many_counts_at_once_stays(tmp_path: Path):
    path = tmp_path / "audit-head"
    with ThreadPoolExecutor(8) as pool:
        for begin in range(1, 160, 16):
            list(pool.map(lambda count: FileHead(path).set(count, f"{count}"), range(begin + 15, begin - 1, -1)))
            assert FileHead(path).get() == (begin + 15, f"{begin + 15}")
