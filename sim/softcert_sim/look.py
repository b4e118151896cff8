"""A world described in plain words: titled lists of (label, text), for people who never saw the code.

    look = Look(world)                 or Look(world, "zh")
    look.computer("office-pc")         driver, certificates, drives, what waits there
    look.drive("red-usb")              what lies on it
    look.inbox()                       a list for each mailbox; the labels are the numbers that `mail` takes
    look.mail(2)                       one mail, in plain text
    look.office()                      a list for each kind of record, and the audit log
    look.person("li-wei")              who somebody is and what he knows
    look.knowledge()                   what each one knows
    look.around()                      all sheets but mails and persons, by the part of the world that they describe

Times are the office's (UTC+8); of long ids the beginning is shown. Words stand in `words`. Looking changes nothing, not
even the disks' journals of what was read. Only an unknown name raises KeyError.
"""

from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

from softcert import backup
from softcert.keystore import KeyStore
from softcert.pending import PendingRequests
from softcert.release import installed
from softcert.trust import serial_of
from softcert_mailbox.message import Message
from softcert_sim import lookoffice
from softcert_sim.lookwords import Lines, Words, short
from softcert_sim.naming import computers_of
from softcert_sim.people import Mind
from softcert_sim.world import World

Part = Literal["computers", "inbox", "office", "knows"]
"""Parts of a world: computers with their drives, mailboxes, the office's records, heads."""


class Sheet(NamedTuple):
    """A title and what stands below it, each with its label; without lines there is nothing of the kind."""

    title: str
    lines: tuple[tuple[str, str], ...]


class Look:
    """Looks at one world, in one language."""

    def __init__(self, world: World, lang: str = "en") -> None:
        self._world, self.words = world, Words(world, lang)

    def computer(self, name: str) -> Sheet:
        """What is in and on a computer."""
        return self._one(name, self._computer(name))

    def drive(self, name: str) -> Sheet:
        """What lies on a drive, and where it is plugged in."""
        return self._one(name, self._drive(name))

    def inbox(self) -> tuple[Sheet, ...]:
        """Every mailbox of the cast, and every other that got mail."""
        return self._each(self._mailboxes())

    def mail(self, number: int) -> Sheet | None:
        """The mail of that number, or None."""
        found = next((mail for mail in self._world.inbox.messages() if mail.id == number), None)
        return self._one(found.subject, self._mail(found)) if found else None

    def office(self, *, whole_audit: bool = False) -> tuple[Sheet, ...]:
        """What the office keeps. Of the audit log the last entries, or all of them."""
        return self._each(lookoffice.lists(self.words, whole_audit=whole_audit))

    def person(self, name: str) -> Sheet:
        """Who somebody is, and all that he knows, the latest last."""
        return self._one(name, self._person(name))

    def knowledge(self, only: str = "") -> tuple[Sheet, ...]:
        """What each of those knows who know anything; `only` of one person, or of one topic such as `pin`."""
        minds = {name: {key: values for key, values in mind.items() if only in ("", name, key[0])}
                 for name, mind in self._world.people.minds.items()}  # fmt: skip
        known = [(name, minds[name]) for name in self._world.people.everybody if minds.get(name)]
        return self._each((self.words.say("knows", name=name), self._known(name, mind)) for name, mind in known)

    def around(self) -> dict[Part, tuple[Sheet, ...]]:
        """Everything that can be looked at, the whole audit log too."""
        return {
            "computers": (*map(self.computer, self._world.places), *map(self.drive, self._world.drives)),
            "inbox": self.inbox(),
            "office": self.office(whole_audit=True),
            "knows": self.knowledge(),
        }

    def _one(self, title: str, lines: Lines) -> Sheet:
        [sheet] = self._each([(title, lines)])
        return sheet

    def _each(self, lists: Iterable[tuple[str, Lines]]) -> tuple[Sheet, ...]:
        """Labels get their words, and a line without text is left out. What is read meanwhile was never read."""
        parts = [place.machine for place in self._world.places.values()]
        drives = [*self._world.drives.values(), *self._world.shares.values()]
        before = [part.snapshot() for part in parts], [drive.snapshot() for drive in drives]
        try:
            return tuple(
                Sheet(title, tuple((self.words.word("label", label), text) for label, text in lines if text))
                for title, lines in lists
            )
        finally:
            for part, state in zip(parts, before[0], strict=True):
                part.restore(state)
            for drive, state in zip(drives, before[1], strict=True):
                drive.restore(state)

    # A computer

    def _computer(self, name: str) -> Lines:
        place, words = self._world.places[name], self.words
        yield "owner", self._world.cast.computers[name].get("owner", "")
        yield "element", words.say("element software" if place.machine.software_element else "element secure")
        if place.lost:
            yield "lost", words.say("computer lost")
            return
        found = installed(place.machine.disk, self._world.trust)
        yield "driver", words.say(f"driver {found.state}", version=found.version)
        if place.skips or place.claims or place.borrowed or place.csr:
            rules = words.language.comma.join(sorted(place.skips))
            yield "changed", words.say("changed skips" if rules else "changed", rules=rules)
        if place.machine.clock.offset:
            yield "clock", words.time(place.machine.clock.now())
        for store in place.driver.keys.all():
            yield from self._certificate(name, store)
        yield from self._in_use(name)
        drives = (drive.name for drive in place.machine.drives if drive.name in self._world.drives)
        yield "drives", words.language.comma.join(drives)

    def _in_use(self, name: str) -> Lines:
        """What somebody is about at a computer, and what came of it."""
        place, words = self._world.places[name], self.words
        for (by, at), (form, reviewed) in self._world.drafts.items():
            if at == name:
                yield "form", words.say("form reviewed" if reviewed else "form", by=by, name=form.get("name", ""))
        if place.driver.memory.session is not None:
            yield "session", self._session(place.driver.memory.session.id)
        for pending in PendingRequests(place.machine.disk).all():
            act = words.language.act(pending.act)
            yield "waiting", words.say("waiting answered" if pending.answered else "waiting", act=act)
        receipts = sum(path.startswith("softcert/receipts/") for path in place.machine.disk.files())
        yield "receipts", str(receipts) if receipts else ""

    def _certificate(self, name: str, store: KeyStore) -> Lines:
        """One certificate as it lies on a disk, or the key that waits for one."""
        keys, words = self._world.places[name].driver.keys, self.words
        if not store.certificate:
            yield "certificate", words.say("key only", holder=store.name, application=short(store.application))
            return
        serial = serial_of(store.certificate)
        devices = self._world.records.bound(serial)
        bound = [at for device in devices for at in computers_of(self._world, device) or [words.computer_of(device)]]
        where = "elsewhere" if bound else "nowhere"
        if name in bound:
            where = "here" if len(bound) == 1 else "twins"
        state, until = self._world.records.certificate_state(serial), self._world.records.certificate_expires(serial)
        yield "certificate", words.joined(
            words.say("certificate", serial=short(serial), holder=store.name, state=words.state("certificate", state)),
            words.say("until", time=words.time(until)) if until else "",
        )
        yield "bound", words.say(f"bound {where}", computers=words.language.last_comma.join(bound))
        pin = words.say("pin initial" if keys.seal_of(store).initial else "pin own")
        yield "pin", words.joined(pin, words.say("tries", left=keys.tries_left(store)))

    def _session(self, session: str) -> str:
        row = next((row for row in self.words.rows("sessions") if row["id"] == session), None)
        return self.words.session(row) if row else self.words.state("session", "none")

    # A drive

    def _drive(self, name: str) -> Lines:
        drive, words = self._world.drives[name], self.words
        yield "kind", words.state("drive", drive.kind)
        yield "plugged", drive.plugged_into.name if drive.plugged_into else words.say("plugged nowhere")
        if drive.disk.pulled:
            return
        for one in backup.find(drive.disk, self._world.trust):
            state = self._world.records.backup_state(one.id)
            yield "backup", words.joined(
                words.say("backup", id=short(one.id), holder=one.name, time=words.time(one.at) if one.at else "?"),
                words.say(f"backup {one.status}"),
                words.say("backup at office", state=words.state("backup", "unknown" if state == "none" else state)),
            )
        for path, data in drive.disk.files().items():
            if not path.startswith("softcert-backup-"):
                yield "file", words.say("file", path=short(path), size=len(data))

    # Mail and people

    def _mailboxes(self) -> Iterator[tuple[str, Lines]]:
        mails = self._world.inbox.messages()
        owners = {person.mailbox: name for name, person in self._world.people.everybody.items() if person.mailbox}
        for box in dict.fromkeys([*owners, *(mail.recipient for mail in mails)]):
            owner = owners.get(box) or self.words.say("nobody")
            yield self.words.say("mailbox", mailbox=box, owner=owner), self._mails(m for m in mails if m.recipient == box)

    def _mails(self, mails: Iterable[Message]) -> Lines:
        for mail in mails:
            time = self.words.time(mail.received_at)
            subject = self.words.language.mails(mail.subject) or mail.subject
            yield str(mail.id), self.words.say("mail", time=time, subject=subject, sender=mail.sender)

    def _mail(self, mail: Message) -> Lines:
        yield from (("from", mail.header("From") or mail.sender), ("to", mail.recipient))
        yield from (("received", self.words.time(mail.received_at)), ("mail", mail.text.strip()))
        said = self.words.language.mails
        yield "in words", f"{said(mail.subject)}\n\n{said(mail.text)}".strip()

    def _person(self, name: str) -> Lines:
        person = self._world.people[name]
        yield "role", self.words.word("role", person.kind)
        yield from (("name", person.applicant), ("mailbox", person.mailbox))
        own = (at for at, computer in self._world.cast.computers.items() if computer.get("owner") == name)
        yield "computers", self.words.language.comma.join(own)
        yield from self._known(name, self._world.people.minds.get(name, {}))

    def _known(self, who: str, mind: Mind) -> Lines:
        for (topic, about), values in mind.items():
            label = self.words.word("topic", topic)
            shown = (f"{value[:6]}…" if topic == "session" else short(value) for value in values)
            label = label if about == who else self.words.say("topic of", topic=label, about=about)
            yield label, self.words.language.comma.join(shown)

