"""What every description of a world is made of: texts of one language, the office's time, names in place of long ids."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from softcert_sim import knowing
from softcert_sim.why import OFFICE_TIME
from softcert_sim.words import language
from softcert_sim.world import World

Lines = Iterator[tuple[str, str]]
Row = Mapping[str, Any]

_LONG = re.compile(r"\b([0-9a-f]{8})[0-9a-f]{8,}\b")
_TOKEN = re.compile(r"(/download/[^.\s]*\.[\w-]{6})[\w-]{8,}")


class Words:
    """The words of one language, about one world."""

    def __init__(self, world: World, lang: str) -> None:
        self.world, self.language = world, language(lang)

    def say(self, key: str, **slots: Any) -> str:
        """A text of the table, its slots filled."""
        return self.language.looks[key].format(**slots)

    def word(self, kind: str, name: str) -> str:
        """The word for one of several names of a kind; a name that the table does not have stands as it is."""
        return self.language.looks.get(f"{kind} {name}", name)

    def state(self, kind: str, state: str) -> str:
        """The state of a record, as verdicts say it."""
        return self.language.values[kind].get(state, state)

    def joined(self, *parts: str) -> str:
        """The parts that say something, as one sentence."""
        return self.language.semicolon.join(part for part in parts if part)

    def time(self, seconds: int) -> str:
        """A moment in the office's time."""
        return self.language.time(datetime.fromtimestamp(seconds, UTC) + OFFICE_TIME)

    def computer_of(self, device: str) -> str:
        """What people call the computer of a thumbprint."""
        return self.world.called(device).name or self.language.unknown_computer

    def whose(self, application: str) -> str:
        """The person whose application it is, else its number."""
        minds = self.world.people.minds.get(knowing.EVERYBODY, {})
        found = (about for (topic, about), values in minds.items() if topic == "application" and application in values)
        return next(found, short(application))

    def rows(self, table: str) -> list[Row]:
        """A table of the office's, each row by its columns' names."""
        names, rows = self.world.records.whole(table)
        return [dict(zip(names, row, strict=True)) for row in rows]

    def session(self, row: Row) -> str:
        """A session as the office has it."""
        ended = row["state"] == "live" and self.world.office_time() > row["expires_at"]
        return self.say(
            "session", computer=self.computer_of(row["device"]), since=self.time(row["started_at"]),
            state=self.state("session", "ended" if ended else row["state"]), until=self.time(row["expires_at"]),
        )  # fmt: skip


def short(text: str) -> str:
    """Long ids, and the secrets of addresses, cut to what tells them apart."""
    return _TOKEN.sub(r"\1…", _LONG.sub(r"\1…", text))
