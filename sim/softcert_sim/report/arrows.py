"""What a step did as arrows between lanes: people, computers, drives, office, inbox."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from softcert_sim.results import ScenarioResult, StepResult
from softcert_sim.scenes import Letter, Scene, Sent
from softcert_sim.words.language import Language

OFFICE, INBOX = "office", "inbox"
KINDS = ("person", "computer", "drive", OFFICE, INBOX)
"""Kinds of lanes, in the order in which they stand."""
SHOWN = 4
"""Exchanges of one step that are drawn at its beginning, and half as many at its end; between them stands their number."""
LONG = 60
"""Seconds: when more than that passed in a step, it is said."""


class Arrow(NamedTuple):
    """From a lane to another, or (without `to`) a mark on a lane; without both, a line across all lanes."""

    from_: str
    to: str
    label: str
    kind: Literal["act", "request", "answer", "refused", "cut", "mail", "files", "mark", "fault", "time", "more"]


def lanes_of(scenario: ScenarioResult, arrows: Sequence[Arrow]) -> list[tuple[str, str]]:
    """(name, kind) of each lane that an arrow touches."""
    cast = dict(scenario.scene.cast) if scenario.scene else {}
    kinds = {**cast, OFFICE: OFFICE, INBOX: INBOX}
    touched = {name for arrow in arrows for name in (arrow.from_, arrow.to) if name in kinds}
    return [(name, kind) for wanted in KINDS for name, kind in kinds.items() if kind == wanted and name in touched]


def arrows_of(
    step: StepResult, scene: Scene, cast: dict[str, str], plugged: dict[str, str], words: Language
) -> list[Arrow]:
    """Everything that a step did, in order; nothing for a check, which only looks. `plugged`: drives by their computers,
    as they are after the step."""
    if step.verb.startswith("check-"):
        return []
    said = {name: str(value) for name, value in step.arguments.items() if isinstance(value, str)}
    say = words.report
    found = [
        *(Arrow("", "", fault, "fault") for fault in step.faults),
        *_act(step, said, cast, words),
        *_drives_before(step, said, scene, plugged, say),
        *_sent(scene.sent, cast, say),
        *_files(said, scene, cast, say),
        *(Arrow(_author(letter.sender, said, cast), INBOX, _purpose(letter, words), "mail") for letter in scene.letters),
        *_outcome(step, said, scene, cast, words),
    ]
    passed = scene.ended - scene.began
    if passed < LONG:
        return found
    return [*found, Arrow("", "", say["arrow passes"].format(time=words.phrasing.duration(passed)), "time")]


def _purpose(letter: Letter, words: Language) -> str:
    return words.looks.get(f"purpose {letter.purpose}", letter.purpose) or words.report["arrow mail"]


def _act(step: StepResult, said: dict[str, str], cast: dict[str, str], words: Language) -> Iterator[Arrow]:
    """A person does something at a computer, reads mail, learns from somebody."""
    by, at = said.get("by", ""), said.get("at") or said.get("into", "")
    act, say = words.act(step.verb), words.report
    if step.verb == "read-mail":
        yield Arrow(INBOX, by, say["arrow reads"], "mail")
    elif step.verb == "steal":
        what = said.get("what", "")
        yield Arrow(said.get("of", ""), by, say["arrow steals"].format(what=words.phrasing.choices.get(what, what)), "act")
    elif cast.get(by) == "person" and cast.get(at) == "computer":
        yield Arrow(by, at, act, "act")
    elif step.verb == "plug":
        yield Arrow(said.get("drive", ""), at, say["arrow plugged"], "act")
    elif step.verb in ("copy", "clone"):
        yield Arrow(said.get("from", ""), said.get("to", ""), act, "files")
    elif at in cast or said.get("on") in cast:
        yield Arrow(at or said["on"], "", act, "mark")


def _drives_before(
    step: StepResult, said: dict[str, str], scene: Scene, plugged: dict[str, str], say: Mapping[str, str]
) -> Iterator[Arrow]:
    """A recovery reads from the drive that it names, or from the one that is there."""
    at = said.get("at", "")
    there = [drive for drive, holder in plugged.items() if holder == at]
    if step.verb == "recover" and (drive := said.get("from") or "".join(there[-1:])):
        yield Arrow(drive, at, say["arrow reads"], "files")
    yield from (Arrow(drive, "", say["arrow unplugged"], "mark") for drive, holder in scene.plugged if not holder)


def _sent(sent: Sequence[Sent], cast: dict[str, str], say: Mapping[str, str]) -> Iterator[Arrow]:
    drawn = [one for one in sent if one.by in cast]
    hidden = len(drawn) - SHOWN - SHOWN // 2
    if hidden < 2:
        yield from (arrow for one in drawn for arrow in _exchange(one, say))
        return
    yield from (arrow for one in drawn[:SHOWN] for arrow in _exchange(one, say))
    yield Arrow("", "", say["arrow more"].format(count=hidden), "more")
    yield from (arrow for one in drawn[-SHOWN // 2 :] for arrow in _exchange(one, say))


def _exchange(one: Sent, say: Mapping[str, str]) -> Iterator[Arrow]:
    first = one.target.partition("?")[0].strip("/").partition("/")[0]
    label = say.get(f"arrow again {one.fault}", "{what}").format(what=f"{one.method} /{first}")
    lost = one.answer is None
    yield Arrow(one.by, OFFICE, label, "cut" if lost else "request")
    if lost:
        return
    came = one.told or str(one.status)
    if one.fault == "cut-answer":
        yield Arrow(OFFICE, one.by, came, "cut")
    else:
        yield Arrow(OFFICE, one.by, came, "refused" if one.status >= 400 else "answer")


def _files(said: dict[str, str], scene: Scene, cast: dict[str, str], say: Mapping[str, str]) -> Iterator[Arrow]:
    """What was written to drives."""
    at = said.get("at", "")
    for drive in dict.fromkeys(change.on for change in scene.files if cast.get(change.on) == "drive"):
        count = sum(change.on == drive for change in scene.files)
        if at in cast:
            yield Arrow(at, drive, say["arrow writes one" if count == 1 else "arrow writes"].format(count=count), "files")


def _author(sender: str, said: dict[str, str], cast: dict[str, str]) -> str:
    """Who sent a mail: the office, unless somebody forged it."""
    forged = "sbj.example" not in sender and said.get("by", "") in cast
    return said["by"] if forged else OFFICE


def _outcome(
    step: StepResult, said: dict[str, str], scene: Scene, cast: dict[str, str], words: Language
) -> Iterator[Arrow]:
    """A refusal by the driver itself, and what broke on the computer."""
    kind, detail = step.outcome.kind, step.outcome.detail
    at = said.get("at", "")
    if at not in cast or any(one.told or one.answer is None or one.fault for one in scene.sent):
        return
    if kind == "refused":
        yield Arrow(at, "", detail, "refused")
    elif kind == "broken":
        yield Arrow(at, "", words.report["arrow broken"].format(how=words.outcomes[detail]), "cut")
