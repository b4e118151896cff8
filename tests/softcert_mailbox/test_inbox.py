"""Keeping, searching, waiting, misbehaving and putting back, without any mail server in front."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from softcert_mailbox import Inbox, NothingArrivedError, Plan
from softcert_mailbox.inbox import PUMP_LIMIT

OFFICE = "no-reply@office.example"
LI_WEI = "li.wei@mail.example"
ZHANG_MIN = "zhang.min@mail.example"

Build = Callable[..., bytes]


def subjects(inbox: Inbox, **asked: Any) -> list[str]:
    return [message.subject for message in inbox.messages(**asked)]


def post(inbox: Inbox, subject: str, *to: str) -> int:
    """Hand the inbox a mail as the mail server does; gives the reply's code."""
    raw = f"Subject: {subject}\r\nX-Softcert-Purpose: {subject}\r\n\r\n{subject}\r\n".encode()
    return inbox.accept(OFFICE, to or (LI_WEI,), raw).code


def test_each_recipient_gets_an_own_message(inbox: Inbox, clock: Any) -> None:
    clock.time = 1_234
    post(inbox, "result", LI_WEI, ZHANG_MIN, "LI.WEI@mail.example")
    assert [(each.id, each.recipient) for each in inbox.messages()] == [
        (1, LI_WEI), (2, ZHANG_MIN), (3, "LI.WEI@mail.example"),
    ]  # fmt: skip
    assert {(each.sender, each.received_at) for each in inbox.messages()} == {(OFFICE, 1_234)}


def test_a_recipient_named_twice_gets_one_message(inbox: Inbox) -> None:
    post(inbox, "result", LI_WEI, "li.wei@MAIL.example")
    assert len(inbox.messages()) == 1


def test_search_by_recipient_purpose_and_words(inbox: Inbox) -> None:
    post(inbox, "result")
    post(inbox, "reissue")
    post(inbox, "result", ZHANG_MIN)
    assert subjects(inbox, recipient="li.wei@Mail.Example") == ["result", "reissue"]
    assert len(inbox.messages(purpose="result")) == 2
    assert subjects(inbox, recipient=LI_WEI, purpose="result", containing="RESULT") == ["result"]
    assert subjects(inbox, recipient="Li.Wei@mail.example") == []
    assert subjects(inbox, containing="elsewhere") == []


def test_delete_and_clear(inbox: Inbox) -> None:
    for subject in ("one", "two", "three"):
        post(inbox, subject)
    inbox.delete(2)
    assert subjects(inbox) == subjects(inbox, recipient=LI_WEI) == ["one", "three"]
    with pytest.raises(KeyError):
        inbox.get(2)
    inbox.clear()
    assert subjects(inbox) == []
    post(inbox, "four")
    assert [each.id for each in inbox.messages()] == [4]


# --- misbehaving ----------------------------------------------------------------------------------------------------


def test_refusing_recipients(inbox: Inbox) -> None:
    inbox.misbehave(Plan("refuse-recipient", 2, code=550))
    assert [inbox.accept_recipient(LI_WEI).code for _ in range(3)] == [550, 550, 250]


def test_refusing_mails_leaves_none(inbox: Inbox) -> None:
    inbox.misbehave(Plan("refuse-message", 1, code=554), Plan("refuse-message", 1, code=451))
    assert [post(inbox, "result") for _ in range(3)] == [554, 451, 250]
    assert subjects(inbox) == ["result"]


def test_a_delayed_mail_comes_when_the_clock_says_so(inbox: Inbox, clock: Any) -> None:
    inbox.misbehave(Plan("delay", until=2_000))
    assert post(inbox, "late") == 250
    clock.time = 1_999
    assert subjects(inbox) == []
    assert [held.until for held in inbox.held] == [2_000]
    clock.time = 5_000
    assert [(each.subject, each.received_at) for each in inbox.messages()] == [("late", 2_000)]
    assert inbox.held == ()


def test_when_delayed_mail_is_looked_for_makes_no_difference(mail: Build) -> None:
    def life(looking: bool) -> list[tuple[int, str, int]]:
        now = [1_000]
        inbox = Inbox(lambda: now[0])
        inbox.misbehave(Plan("delay", until=3_000), Plan("delay", until=2_000))
        post(inbox, "third")
        post(inbox, "second")
        post(inbox, "first")
        for now[0] in (2_000, 3_000, 4_000):
            if looking:
                inbox.messages()
        post(inbox, "fourth")
        return [(each.id, each.subject, each.received_at) for each in inbox.messages()]

    expected = [(1, "first", 1_000), (2, "second", 2_000), (3, "third", 3_000), (4, "fourth", 4_000)]
    assert life(looking=True) == life(looking=False) == expected


def test_a_delay_until_the_past_is_none(inbox: Inbox) -> None:
    inbox.misbehave(Plan("delay", until=1))
    post(inbox, "result")
    assert [(each.subject, each.received_at) for each in inbox.messages()] == [("result", 1_000)]


def test_a_dropped_mail_is_accepted_and_lost(inbox: Inbox) -> None:
    inbox.misbehave(Plan("drop"))
    assert post(inbox, "lost") == 250
    post(inbox, "kept")
    assert subjects(inbox) == ["kept"]


def test_a_duplicated_mail_comes_twice_with_one_message_id(inbox: Inbox, mail: Build) -> None:
    inbox.misbehave(Plan("duplicate"))
    inbox.accept(OFFICE, [LI_WEI], mail())
    assert [(each.id, each.message_id) for each in inbox.messages()] == [
        (1, "<1@office.example>"), (2, "<1@office.example>"),
    ]  # fmt: skip


def test_reordered_mails_come_after_the_next(inbox: Inbox) -> None:
    inbox.misbehave(Plan("reorder", 2))
    post(inbox, "a")
    post(inbox, "b")
    assert subjects(inbox) == []
    post(inbox, "c")
    post(inbox, "d")
    assert subjects(inbox) == ["c", "a", "b", "d"]


def test_a_delayed_mail_overtakes_too(inbox: Inbox, clock: Any) -> None:
    inbox.misbehave(Plan("delay", until=2_000), Plan("reorder"))
    post(inbox, "late")
    post(inbox, "overtaken")
    clock.time = 3_000
    assert [(each.subject, each.received_at) for each in inbox.messages()] == [("late", 2_000), ("overtaken", 2_000)]


def test_held_mail_can_be_released(inbox: Inbox) -> None:
    inbox.misbehave(Plan("reorder"), Plan("delay", until=9_999))
    post(inbox, "a")
    post(inbox, "b")
    inbox.release()
    assert subjects(inbox) == ["a", "b"]


def test_behaving_forgets_the_plans(inbox: Inbox) -> None:
    inbox.misbehave(Plan("drop", 9), Plan("refuse-recipient", 9))
    inbox.set_down(True)
    inbox.behave()
    assert (inbox.plans, inbox.down) == ((), False)
    assert post(inbox, "result") == 250
    assert subjects(inbox) == ["result"]


def test_a_plan_for_one_mailbox_spares_the_other(inbox: Inbox) -> None:
    inbox.misbehave(Plan("drop", recipient=ZHANG_MIN))
    post(inbox, "result", LI_WEI)
    post(inbox, "result", ZHANG_MIN)
    assert [each.recipient for each in inbox.messages()] == [LI_WEI]


# --- waiting --------------------------------------------------------------------------------------------------------


def test_waiting_pumps_only_until_the_mail_is_there(inbox: Inbox) -> None:
    on_the_way = ["reissue", "result", "never pumped"]

    def pump() -> bool:
        post(inbox, on_the_way.pop(0))
        return bool(on_the_way)

    assert inbox.wait(LI_WEI, "result", pump=pump).id == 2
    assert on_the_way == ["never pumped"]


def test_waiting_takes_the_newest_and_can_ask_for_a_newer_one(inbox: Inbox) -> None:
    post(inbox, "result")
    post(inbox, "result")
    assert inbox.wait(LI_WEI, "result").id == 2
    with pytest.raises(NothingArrivedError, match="after #2"):
        inbox.wait(LI_WEI, "result", after=2)


def test_the_last_pump_may_bring_the_mail(inbox: Inbox) -> None:
    assert inbox.wait(LI_WEI, pump=lambda: post(inbox, "result") != 250).subject == "result"


def test_a_pump_that_never_ends_is_stopped(inbox: Inbox) -> None:
    pumped: list[int] = []
    with pytest.raises(NothingArrivedError):
        inbox.wait(LI_WEI, pump=lambda: pumped.append(1) is None)
    assert len(pumped) == PUMP_LIMIT


def test_waiting_in_vain_says_what_did_arrive(inbox: Inbox) -> None:
    inbox.misbehave(Plan("delay", until=9_999))
    post(inbox, "late")
    post(inbox, "disapproval")
    post(inbox, "other", ZHANG_MIN)
    with pytest.raises(NothingArrivedError) as failure:
        inbox.wait(LI_WEI, "result", containing="https://")
    text = str(failure.value)
    assert "no mail for li.wei@mail.example with purpose 'result' containing 'https://'" in text
    assert "#1 disapproval: 'disapproval'" in text
    assert "arrived for others: zhang.min@mail.example" in text
    assert "held back: 1" in text


def test_waiting_in_vain_in_an_empty_inbox(inbox: Inbox) -> None:
    with pytest.raises(NothingArrivedError, match="arrived for that address: nothing"):
        inbox.wait(LI_WEI, timeout=0.01)


def test_waiting_for_another_thread(inbox: Inbox) -> None:
    sender = threading.Thread(target=post, args=(inbox, "result"))
    sender.start()
    assert inbox.wait(LI_WEI, "result", timeout=10).subject == "result"
    sender.join()


def test_waiting_for_a_delayed_mail(inbox: Inbox, clock: Any) -> None:
    inbox.misbehave(Plan("delay", until=2_000))
    post(inbox, "late")
    turner = threading.Thread(target=setattr, args=(clock, "time", 2_000))
    turner.start()
    assert inbox.wait(LI_WEI, timeout=10).subject == "late"
    turner.join()


# --- putting back ---------------------------------------------------------------------------------------------------


def test_a_snapshot_holds_everything(inbox: Inbox) -> None:
    inbox.misbehave(Plan("reorder"), Plan("drop", 2))
    inbox.set_down(True)
    post(inbox, "held")
    before = inbox.snapshot()
    post(inbox, "dropped")
    inbox.behave()
    post(inbox, "result")
    inbox.delete(1)
    after = inbox.snapshot()
    inbox.restore(before)
    assert (subjects(inbox), len(inbox.held), inbox.plans, inbox.down) == ([], 1, (Plan("drop", 2),), True)
    assert inbox.snapshot() == before != after


def test_a_restored_inbox_goes_on_as_it_did_the_first_time(inbox: Inbox) -> None:
    post(inbox, "one")
    before = inbox.snapshot()
    post(inbox, "two")
    first = inbox.snapshot()
    inbox.restore(before)
    post(inbox, "two")
    assert inbox.snapshot() == first


ACTIONS = st.sampled_from(
    ["post", "post both", "drop", "duplicate", "reorder", "delay", "tick", "delete", "clear", "release"]
)


@given(st.lists(ACTIONS, max_size=12), st.lists(ACTIONS, max_size=12))
def test_what_happens_after_a_snapshot_never_shows_in_it(first: list[str], then: list[str]) -> None:
    now = [1_000]
    inbox = Inbox(lambda: now[0])
    for action in first:
        act(inbox, now, action)
    kept, shown, time = inbox.snapshot(), inbox.messages(), now[0]
    for action in then:
        act(inbox, now, action)
    now[0] = time
    inbox.restore(kept)
    assert inbox.messages() == shown
    by_recipient = [each for recipient in {each.recipient for each in shown} for each in inbox.messages(recipient)]
    assert sorted(each.id for each in by_recipient) == [each.id for each in shown]


def act(inbox: Inbox, now: list[int], action: str) -> None:
    if action.startswith("post"):
        post(inbox, "mail", *((LI_WEI, ZHANG_MIN) if action.endswith("both") else (LI_WEI,)))
    elif action == "tick":
        now[0] += 10
    elif action == "delete":
        for each in inbox.messages()[:1]:
            inbox.delete(each.id)
    elif action == "clear":
        inbox.clear()
    elif action == "release":
        inbox.release()
    else:
        inbox.misbehave(Plan(action, until=now[0] + 15))  # type: ignore[arg-type]
