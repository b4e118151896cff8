"""Whoever reads the office's database finds in it nothing that he could use: no address, code, session or credential."""

import json

import pytest

from softcert.protocol import encode

HOUR = 3600


@pytest.fixture
def database(bench):
    """Everything that stands in the database of an office in the midst of its work, as texts; and who is in it."""
    bench.active(bench.computer("active"), mailbox="a@example.com")
    downloaded = bench.downloaded(bench.computer("owner"), mailbox="o@example.com")
    downloaded.login()
    waiting = bench.approved(bench.computer("waiting"), mailbox="w@example.com")
    return [*dict.fromkeys(texts_in(bench))], downloaded, waiting


def texts_in(bench):
    with bench.store.read() as connection:
        tables = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").scalars().all()
        for table in tables:
            for row in connection.exec_driver_sql(f"SELECT * FROM {table}"):
                for value in row:
                    yield from spellings(value)


def spellings(value):
    """A value as it stands there, in other letters, and what is inside of JSON."""
    if isinstance(value, bytes):
        yield encode(value)
        yield value.hex()
    elif isinstance(value, str):
        yield value
        try:
            inside = json.loads(value)
        except ValueError:
            return
        for part in inside.values() if isinstance(inside, dict) else inside if isinstance(inside, list) else ():
            yield from spellings(part)


def test_nothing_in_it_is_an_address(bench, database):
    texts, _, waiting = database
    for number, text in enumerate(texts):
        bench.clock.time += HOUR if number % 15 == 0 else 0  # a computer may guess only so often in an hour
        reply = waiting.download(f"/download/{waiting.application}.{'_'.join(text.split())}")
        assert reply.refusal == "unique-address/unknown", text
    assert waiting.download().status == 200


def test_nothing_in_it_is_a_code(bench, database):
    texts, owner, _ = database
    for text in texts:
        reply = owner.activate(code=text)
        assert reply.refusal in ("activate-first/wrong-code", "malformed"), text
        bench.execute("UPDATE applications SET activation_tries = 0")
    assert owner.activate().status == 200


def test_nothing_in_it_opens_the_desk(bench, database):
    for text in database[0]:
        credential = text.encode("ascii", "replace").decode().replace("\r", "").replace("\n", "")
        for spelling in (credential, f"examiner.{credential}"):
            assert bench.desk("GET", "/applications", credential=spelling).status == 401


def test_a_session_in_it_is_of_no_use_without_its_computer(bench, database):
    _, owner, _ = database
    thief = bench.computer("thief")
    for (session,) in bench.execute("SELECT id FROM sessions WHERE state = 'live'"):
        thief.session, thief.code = session, owner.code
        assert thief.activate().refusal == "same-computer-use/other-computer"
