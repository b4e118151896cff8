"""The inbox: keeps mail per recipient, searches it, waits for it, and misbehaves as planned.

It may be used from several threads. Its whole state can be taken and put back at a cost that does not depend on the
number of mails: what a snapshot shares is copied before the next change.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from softcert_mailbox.message import Message
from softcert_mailbox.misbehaviour import OK, Plan, Reply, normalised, take

PUMP_LIMIT = 1000
_LOOK_EVERY = 0.05  # seconds; a delayed mail comes due by the clock, and nobody notifies us of that


class NothingArrivedError(LookupError):
    """The mail that was waited for did not arrive; the text says what did."""


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as accepted: one envelope, any number of recipients (normalised, each once)."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes


@dataclass(frozen=True, slots=True)
class Held:
    """A mail accepted but not delivered: until a time, or (`until` None) until the next delivery."""

    mail: Mail
    until: int | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The whole state of an inbox at one moment. Treat as opaque; two of them compare by content."""

    by_id: dict[int, Message] = field(default_factory=dict[int, Message])
    boxes: dict[str, tuple[Message, ...]] = field(default_factory=dict[str, tuple[Message, ...]])
    held: tuple[Held, ...] = ()
    plans: tuple[Plan, ...] = ()
    last_id: int = 0
    down: bool = False


class Inbox:
    """Mail for any address. `clock` gives whole seconds since 1970.

    A mail to n recipients becomes n messages. Recipients are compared with their domain in lower case.
    """

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._changed = threading.Condition()
        self._state = Snapshot()
        self._shared = False

    # --- receiving -----------------------------------------------------------------------------------------------

    def accept_recipient(self, address: str) -> Reply:
        """The reply to RCPT."""
        with self._changed:
            plan, plans = take(self._state.plans, "recipient", (normalised(address),))
            if plan is None:
                return OK
            self._state = replace(self._state, plans=plans)
            return plan.reply()

    def accept(self, sender: str, recipients: Sequence[str], raw: bytes) -> Reply:
        """The reply to the end of DATA. Unless refused, the mail is delivered, or held or lost as planned."""
        mail = Mail(sender, tuple(dict.fromkeys(map(normalised, recipients))), raw)
        with self._changed:
            self._release_due()
            plan, plans = take(self._state.plans, "message", mail.recipients)
            if plan is None:
                self._deliver(mail, self._clock())
                return OK
            self._state = replace(self._state, plans=plans)
            self._mistreat(mail, plan)
            return plan.reply()

    def _mistreat(self, mail: Mail, plan: Plan) -> None:
        if plan.row.holds:
            until = max(plan.until, self._clock()) if plan.kind == "delay" else None
            self._state = replace(self._state, held=(*self._state.held, Held(mail, until)))
            self._release_due()  # a delay until now, or earlier, is none
            return
        for _ in range(plan.row.copies):
            self._deliver(mail, self._clock())

    def _deliver(self, mail: Mail, now: int) -> None:
        """Put a mail into its boxes, and after it those that waited to be overtaken."""
        self._put(mail, now)
        overtaken = [held.mail for held in self._state.held if held.until is None]
        if overtaken:
            self._state = replace(self._state, held=tuple(held for held in self._state.held if held.until is not None))
            for each in overtaken:
                self._put(each, now)
        self._changed.notify_all()

    def _put(self, mail: Mail, now: int) -> None:
        state = self._writable()
        last_id = state.last_id
        for recipient in mail.recipients:
            last_id += 1
            message = Message(last_id, recipient, mail.sender, now, mail.raw)
            state.by_id[last_id] = message
            state.boxes[recipient] = (*state.boxes.get(recipient, ()), message)
        self._state = replace(state, last_id=last_id)

    def _release_due(self) -> None:
        """Deliver what was delayed until now, each at the time for which it was due, whenever that is noticed."""
        if not self._state.held:
            return
        now = self._clock()
        due = [(held.until, held.mail) for held in self._state.held if held.until is not None and held.until <= now]
        if due:
            left = tuple(held for held in self._state.held if held.until is None or held.until > now)
            self._state = replace(self._state, held=left)
            for until, mail in sorted(due, key=lambda each: each[0]):
                self._deliver(mail, until)

    def release(self) -> None:
        """Deliver everything held, now, in order of acceptance."""
        with self._changed:
            held, now = self._state.held, self._clock()
            self._state = replace(self._state, held=())
            for each in held:
                self._put(each.mail, now)
            self._changed.notify_all()

    def _writable(self) -> Snapshot:
        if self._shared:
            self._state = replace(self._state, by_id=dict(self._state.by_id), boxes=dict(self._state.boxes))
            self._shared = False
        return self._state

    # --- reading -------------------------------------------------------------------------------------------------

    def messages(
        self, recipient: str | None = None, purpose: str | None = None, containing: str | None = None
    ) -> tuple[Message, ...]:
        """The messages that fit all that is said, in order of delivery; `containing` as `Message.contains` means it."""
        with self._changed:
            self._release_due()
            state = self._state
            found = state.by_id.values() if recipient is None else state.boxes.get(normalised(recipient), ())
            candidates = tuple(found)
        return tuple(
            message
            for message in candidates
            if (purpose is None or message.purpose == purpose) and (containing is None or message.contains(containing))
        )

    def get(self, id: int) -> Message:
        """The message with that id. Raises KeyError."""
        with self._changed:
            self._release_due()
            return self._state.by_id[id]

    @property
    def held(self) -> tuple[Held, ...]:
        """Mails accepted but not delivered yet."""
        with self._changed:
            self._release_due()
            return self._state.held

    def wait(
        self,
        recipient: str,
        purpose: str | None = None,
        *,
        containing: str | None = None,
        after: int = 0,
        pump: Callable[[], bool] | None = None,
        timeout: float = 0.0,
    ) -> Message:
        """The newest message that fits, with an id above `after`. Raises NothingArrivedError: its text says what came.

        `pump` is for a simulation: it moves mail on and says whether there may be more; nothing sleeps. It is called
        only while nothing fits, and at most PUMP_LIMIT times. Without it, wait up to `timeout` seconds for another
        thread to bring the mail.
        """

        def newest() -> Message | None:
            fitting = (each for each in reversed(self.messages(recipient, purpose, containing)) if each.id > after)
            return next(fitting, None)

        found = self._pumped(newest, pump) if pump else self._patiently(newest, timeout)
        if found is None:
            raise NothingArrivedError(self._what_arrived(recipient, purpose, containing, after))
        return found

    def _pumped(self, newest: Callable[[], Message | None], pump: Callable[[], bool]) -> Message | None:
        more = True
        for _ in range(PUMP_LIMIT):
            found = newest()
            if found is not None or not more:
                return found
            more = pump()
        return newest()

    def _patiently(self, newest: Callable[[], Message | None], timeout: float) -> Message | None:
        with self._changed:
            found = newest()
            while found is None and timeout > 0:
                found = self._changed.wait_for(newest, min(timeout, _LOOK_EVERY))
                timeout -= _LOOK_EVERY
            return found

    def _what_arrived(self, recipient: str, purpose: str | None, containing: str | None, after: int) -> str:
        wanted = [f"no mail for {normalised(recipient)}"]
        wanted += [f"with purpose {purpose!r}"] if purpose is not None else []
        wanted += [f"containing {containing!r}"] if containing is not None else []
        wanted += [f"after #{after}"] if after else []
        own = [f"#{each.id} {each.purpose or '(no purpose)'}: {each.subject!r}" for each in self.messages(recipient)]
        others = sorted({each.recipient for each in self.messages()} - {normalised(recipient)})
        lines = [" ".join(wanted)]
        lines.append(f"arrived for that address: {'; '.join(own[-5:]) or 'nothing'}")
        lines.append(f"arrived for others: {', '.join(others[:5]) + (', …' if len(others) > 5 else '') or 'nothing'}")
        lines += [f"accepted but held back: {len(self.held)}"] if self.held else []
        return "\n  ".join(lines)

    # --- misbehaving ---------------------------------------------------------------------------------------------

    @property
    def plans(self) -> tuple[Plan, ...]:
        """The plans not used up yet, in the order of asking."""
        return self._state.plans

    @property
    def down(self) -> bool:
        """Whether the mail server takes no connections. The transports read it; the inbox itself does not."""
        return self._state.down

    def set_down(self, down: bool) -> None:
        """Refuse connections from now on, or take them again."""
        with self._changed:
            self._state = replace(self._state, down=down)

    def misbehave(self, *plans: Plan) -> None:
        """Add plans, behind those there are."""
        with self._changed:
            self._state = replace(self._state, plans=(*self._state.plans, *plans))

    def behave(self) -> None:
        """Forget all plans and be up. What is held stays held; see `release`."""
        with self._changed:
            self._state = replace(self._state, plans=(), down=False)

    # --- removing, keeping, putting back -------------------------------------------------------------------------

    def delete(self, id: int) -> None:
        """Remove one message. Raises KeyError."""
        with self._changed:
            self._release_due()
            state = self._writable()
            message = state.by_id.pop(id)
            left = tuple(each for each in state.boxes[message.recipient] if each.id != id)
            state.boxes[message.recipient] = left
            if not left:
                del state.boxes[message.recipient]

    def clear(self) -> None:
        """Remove all messages and all that is held. Plans stay; ids go on counting."""
        with self._changed:
            self._state = replace(self._state, by_id={}, boxes={}, held=())
            self._shared = False

    def snapshot(self) -> Snapshot:
        """The state now: messages, held mail, plans, counter and whether it is down."""
        with self._changed:
            self._shared = True
            return self._state

    def restore(self, snapshot: Snapshot) -> None:
        """Put a state back, exactly."""
        with self._changed:
            self._state = snapshot
            self._shared = True
            self._changed.notify_all()
