"""The people of a scenario, who use only what they know.

What somebody knows is a set of named things about somebody: the activation code of li-wei, the address in zhang-min's
mail, the password of a backup. Acts teach (a download teaches the initial PIN), reading mail teaches, stealing teaches.
Later knowledge takes the place of earlier, and what was known before is kept in order for those who try old things.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from softcert.form import LABELS
from softcert_sim.scenario.registry import CheckFailed

Topic = Literal["address", "activation-code", "pin", "password", "application", "serial", "backup", "session", "name"]
TOPICS: tuple[Topic, ...] = get_args(Topic)

HOW = {
    "address": "reads the result mail first (`read-mail`)",
    "activation-code": "submits an application first (`apply`)",
    "pin": "downloads the certificate first (`download`)",
    "password": "makes a backup first (`backup`)",
    "application": "submits an application first (`apply`)",
    "serial": "downloads the certificate first (`download`)",
    "backup": "makes a backup first (`backup`)",
    "session": "logs in first (`login`)",
    "name": "submits an application first (`apply`)",
}
"""How each thing comes to be known."""

SECRETS: tuple[Topic, ...] = ("activation-code", "pin", "password")
"""What must stand in clear nowhere but in a head."""

Mind = Mapping[tuple[str, str], tuple[str, ...]]
"""(topic, about whom) → everything known of it, the latest last."""


@dataclass(frozen=True, slots=True)
class Somebody:
    """A person of the cast. `properties` are the cast's: fields of the form, habitual PIN and password."""

    name: str
    kind: str
    properties: Mapping[str, Any]

    @property
    def mailbox(self) -> str:
        """The mailbox that this person gives in forms, or an empty string."""
        return str(self.properties.get("mailbox", ""))

    @property
    def applicant(self) -> str:
        """The applicant's name as it stands in the form and in the certificate."""
        return str(self.properties.get("name", ""))

    @property
    def pin(self) -> str:
        """The PIN that this person chooses."""
        return str(self.properties.get("pin", ""))

    @property
    def password(self) -> str:
        """The password that this person chooses for a backup."""
        return str(self.properties.get("password", ""))

    def form(self, changes: Mapping[str, str] | None = None) -> dict[str, str]:
        """The application form as this person fills it in; a change to nothing leaves a field out."""
        fields = {name: str(value) for name, value in self.properties.items() if name in LABELS}
        filled = {"holds-e-licence": "no", **fields, **(changes or {})}
        return {name: value for name, value in filled.items() if value != ""}


class People:
    """Everybody, and what each one knows. A value: `minds` is replaced, never changed."""

    def __init__(self, cast: Mapping[str, Mapping[str, Any]]) -> None:
        self.everybody = {name: Somebody(name, str(data.get("kind", "")), data) for name, data in cast.items()}
        self.minds: Mapping[str, Mind] = {}

    def __getitem__(self, name: str) -> Somebody:
        return self.everybody[name]

    def learn(self, who: str, topic: Topic, about: str, value: str) -> None:
        """`who` now knows `value`."""
        mind = dict(self.minds.get(who, {}))
        before = tuple(known for known in mind.get((topic, about), ()) if known != value)
        mind[topic, about] = (*before, value)
        self.minds = {**self.minds, who: mind}

    def knows(self, who: str, topic: Topic, about: str) -> tuple[str, ...]:
        """All that `who` knows of it, the latest last."""
        return self.minds.get(who, {}).get((topic, about), ())

    def recall(self, who: str, topic: Topic, about: str) -> str:
        """The latest that `who` knows of it. Raises `CheckFailed`: a scenario asked for what nobody taught."""
        known = self.knows(who, topic, about)
        if not known:
            whose = "" if who == about else f" of {about}"
            stolen = f"nothing known: {who} steals it first (`steal`), or the step says it"
            own = f"nothing known: {about} {HOW[topic]}"
            raise CheckFailed(f"{who} to know the {topic}{whose}", own if who == about else stolen)
        return known[-1]
