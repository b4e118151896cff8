"""The outbox against servers that are down, refuse, or vanish after they took the mail."""

from collections.abc import Iterator
from typing import Any

import pytest

from softcert_ca.outbox import (
    FIRST_PAUSE,
    LONGEST_PAUSE,
    Deferred,
    Mail,
    Undeliverable,
    deliver_due,
    enqueue,
    mails_of,
    pause,
)
from softcert_ca.store import Store

NOW = 1_700_000_000


class Server:
    """A mail server that misbehaves as told: one answer for each try, then it takes everything."""

    def __init__(self, *answers: BaseException | None) -> None:
        self.answers = list(answers)
        self.seen: list[tuple[str, str, bytes]] = []

    def send(self, sender: str, recipient: str, message: bytes) -> None:
        self.seen.append((sender, recipient, message))
        answer = self.answers.pop(0) if self.answers else None
        if answer is not None:
            raise answer


class Killed(BaseException):
    """The process dies."""


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.open("sqlite://") as opened:
        yield opened


def put(store: Store, recipient: str = "a@mail.example", now: int = NOW, **params: Any) -> Mail:
    with store.begin() as connection:
        return enqueue(
            connection, sender="no-reply@office.example", recipient=recipient, purpose="result",
            application="app-1", params=params, now=now,
        )  # fmt: skip


def rendered(mail: Mail) -> bytes:
    return f"{mail.message_id} {mail.params}".encode()


def deliver(store: Store, server: Server, now: int = NOW) -> int:
    return deliver_due(store, server, rendered, now)


def kept(store: Store) -> list[Mail]:
    with store.read() as connection:
        return mails_of(connection, "app-1")


def test_a_mail_leaves_once(store: Store):
    mail, server = put(store, word="hello"), Server()
    assert deliver(store, server) == 0
    assert deliver(store, server, NOW + 10 * LONGEST_PAUSE) == 0
    assert server.seen == [("no-reply@office.example", "a@mail.example", rendered(mail))]
    assert [(m.state, m.tries) for m in kept(store)] == [("sent", 1)]


def test_a_mail_of_a_transaction_that_failed_never_existed(store: Store):
    def work() -> None:
        with store.begin() as connection:
            enqueue(
                connection, sender="x@o", recipient="a@b", purpose="result", application="app-1", params={}, now=NOW
            )
            raise KeyError

    with pytest.raises(KeyError):
        work()
    server = Server()
    assert (deliver(store, server), server.seen) == (0, [])


def test_message_ids_are_unique_stable_and_of_the_senders_domain(store: Store):
    mails = [put(store) for _ in range(20)]
    assert len({mail.message_id for mail in mails}) == 20
    assert all(mail.message_id.startswith("<") and mail.message_id.endswith("@office.example>") for mail in mails)
    with Store.open("sqlite://") as other:
        assert put(other).message_id == mails[0].message_id


def test_a_deferred_mail_waits_ever_longer_and_is_the_same_each_time(store: Store):
    put(store)
    server = Server(*[Deferred("451 try later")] * 9)
    now, pauses = NOW, list[int]()
    while deliver(store, server, now):
        assert deliver(store, server, now + pause(len(server.seen)) - 1) == 1
        pauses.append(kept(store)[0].next_at - now)
        now = kept(store)[0].next_at
    assert pauses == [60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]
    assert (len(server.seen), len(set(server.seen))) == (10, 1)
    assert kept(store)[0].state == "sent"


def test_what_the_server_said_is_kept(store: Store):
    put(store)
    deliver(store, Server(Deferred("451 greylisted")))
    assert (kept(store)[0].state, kept(store)[0].error) == ("waiting", "451 greylisted")


def test_a_mail_is_never_given_up_while_the_server_is_down(store: Store):
    put(store)
    now = NOW
    server = Server(*[Deferred("down")] * 200)
    for _ in range(200):
        assert deliver(store, server, now) == 1
        now += LONGEST_PAUSE
    assert deliver(store, server, now) == 0


def test_an_undeliverable_mail_is_kept_as_failed_and_not_tried_again(store: Store):
    put(store)
    server = Server(Undeliverable("550 no such mailbox"))
    assert deliver(store, server) == 0
    assert deliver(store, server, NOW + 10 * LONGEST_PAUSE) == 0
    assert len(server.seen) == 1
    assert [(mail.state, mail.error) for mail in kept(store)] == [("failed", "550 no such mailbox")]


def test_one_bad_mailbox_does_not_hold_up_the_others(store: Store):
    for name in "abc":
        put(store, f"{name}@mail.example")
    server = Server(Deferred("down"), Undeliverable("550"), None)
    assert deliver(store, server) == 1
    assert [mail.state for mail in kept(store)] == ["waiting", "failed", "sent"]


def test_killed_after_the_server_took_it_the_same_mail_goes_again_and_no_other(store: Store):
    put(store)
    server = Server(Killed())
    with pytest.raises(Killed):
        deliver(store, server)
    assert deliver(store, server, NOW + FIRST_PAUSE) == 0
    assert len(server.seen) == 2
    assert server.seen[0] == server.seen[1]


def test_killed_while_rendering_the_mail_goes_later(store: Store):
    put(store)

    def dying(mail: Mail) -> bytes:
        raise Killed

    server = Server()
    with pytest.raises(Killed):
        deliver_due(store, server, dying, NOW)
    assert server.seen == []
    assert deliver(store, server, NOW + FIRST_PAUSE) == 0
    assert len(server.seen) == 1


def test_no_transaction_is_open_while_rendering_and_sending(store: Store):
    put(store)
    images: list[bytes] = []

    class Looking:
        def send(self, sender: str, recipient: str, message: bytes) -> None:
            images.append(store.snapshot())

    def looking(mail: Mail) -> bytes:
        images.append(store.snapshot())
        return b""

    assert deliver_due(store, Looking(), looking, NOW) == 0
    assert len(images) == 2


def test_two_offices_at_once_send_each_mail_once(store: Store):
    put(store)
    second = Server()

    class Slow(Server):
        def send(self, sender: str, recipient: str, message: bytes) -> None:
            super().send(sender, recipient, message)
            assert deliver(store, second) == 1

    first = Slow()
    assert deliver(store, first) == 0
    assert (len(first.seen), second.seen) == (1, [])


def test_a_mail_is_not_due_before_its_time(store: Store):
    put(store, now=NOW + 5)
    server = Server()
    assert (deliver(store, server, NOW + 4), len(server.seen)) == (1, 0)
    assert (deliver(store, server, NOW + 5), len(server.seen)) == (0, 1)
