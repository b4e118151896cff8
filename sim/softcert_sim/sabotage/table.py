"""What came of sabotage, as text for people and as JSON for programs.

Verdicts: *killed* by what the saboteur declared; *survived*, nobody saw anything; *misread*, seen by something else only;
*no target*, there is nothing to break any more. Times stand in the text alone: they differ from run to run.
"""

import json
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from softcert_sim.sabotage.detectors import DETECTORS
from softcert_sim.sabotage.saboteur import CONTROL, Saboteur, by_rule
from softcert_sim.sabotage.sighting import Sighting
from softcert_sim.sabotage.trial import UNBROKEN, Trial
from softcert_sim.tables import columns

VERSION = 1
_WIDTH = 116


@dataclass(frozen=True, slots=True)
class Report:
    """Trials in order, those of the unbroken product and of the one who breaks nothing first."""

    seed: int
    saboteurs: Mapping[str, Saboteur]
    trials: Sequence[Trial]
    elapsed: float = 0.0

    def of(self, id: str) -> list[Trial]:
        """The trials of one saboteur."""
        return [trial for trial in self.trials if trial.saboteur == id]

    def killed(self, id: str) -> bool:
        """Whether any detector killed him."""
        return any(trial.kills for trial in self.of(id))

    @property
    def complaints(self) -> list[str]:
        """What is not as it should be: an empty list is a good table."""
        return [*_ghosts(self), *(line for one in self.saboteurs for line in _about(self, one))]

    @property
    def alone(self) -> dict[str, list[str]]:
        """Scenarios by path and title, each with the saboteurs who are killed there only, by whichever detectors."""
        found: dict[str, list[str]] = {}
        for one in self.saboteurs:
            kills = {_scenario(sighting) for trial in self.of(one) for sighting in trial.kills}
            if len(kills) == 1:
                found.setdefault(kills.pop(), []).append(one)
        return found


def _scenario(sighting: Sighting) -> str:
    return f"{sighting.where.rpartition(':')[0] or sighting.where}: {sighting.title}"


def _ghosts(report: Report) -> Iterator[str]:
    for one in (UNBROKEN, CONTROL):
        for trial in report.of(one):
            if trial.verdict != "survived" or trial.idle:
                what = trial.missing or (trial.others[0].where if trial.others else "nobody passes where he stands")
                yield f"{one}: {trial.detector} should see nothing, and says: {what}. This table is worth nothing."


def _about(report: Report, id: str) -> Iterator[str]:
    saboteur, trials = report.saboteurs[id], report.of(id)
    for trial in trials:
        if trial.missing:
            yield f"{id}: {trial.missing} The product changed, the saboteur must follow."
    if trials and all(trial.idle for trial in trials):
        yield f"{id}: nothing ever calls what he put in place."
    if report.killed(id) and saboteur.survives:
        yield f"{id}: is killed, take the reason for his survival away."
    if not report.killed(id) and not saboteur.survives:
        yield f"{id}: nobody notices, and no reason is given."


def as_text(report: Report) -> str:
    """Rule by rule each saboteur with what each detector saw; then the sums, survivors, and who kills alone."""
    parts = ["\n".join(_controls(report))]
    for rule, saboteurs in by_rule(report.saboteurs).items():
        lines = [line for saboteur in saboteurs for line in _saboteur(report, saboteur)]
        parts += ["\n".join([rule, "─" * len(rule), *lines])] if lines else []
    parts.append("\n".join(_sums(report)).rstrip())
    if alone := report.alone:
        parts.append("\n".join(["Who kills alone:", *(f"  {name} ({', '.join(ids)})" for name, ids in alone.items())]))
    if survivors := [it for it in report.saboteurs.values() if not report.killed(it.id) and it.survives]:
        lines = [line for it in survivors for line in _hanging(f"  {it.id}: ", it.survives)]
        parts.append("\n".join(["Survivors, with the reason:", *lines]))
    if complaints := report.complaints:
        parts.append("\n".join(["Not as it should be:", *(f"  {line}" for line in complaints)]))
    killed = sum(report.killed(one) for one in report.saboteurs)
    summary = f"{len(report.saboteurs)} saboteurs: {killed} killed, {len(report.saboteurs) - killed} survive"
    return "\n\n".join([*parts, f"{summary} ({report.elapsed:.1f} s, seed {report.seed})"]) + "\n"


def _controls(report: Report) -> Iterator[str]:
    yield from (f"{UNBROKEN}: {_verdict(trial)}" for trial in report.of(UNBROKEN))
    yield from (f"{CONTROL}: {_verdict(trial)}" for trial in report.of(CONTROL))


def _saboteur(report: Report, saboteur: Saboteur) -> Iterator[str]:
    yield f"  {saboteur.id} ({saboteur.kind})"
    yield from _hanging("    ", saboteur.breaks)
    for trial in report.of(saboteur.id):
        yield f"    {_verdict(trial)}"
        for sighting in (trial.kills or trial.others)[:1]:
            yield from _sighted(sighting)


def _verdict(trial: Trial) -> str:
    counts = {"beside": trial.count("red"), "broke down": trial.count("error"), "hung": trial.count("time-out")}
    counted = {"sightings": len(trial.kills), **counts} if trial.verdict in ("killed", "misread") else {}
    told = ", ".join(f"{count} {word}" for word, count in counted.items() if count)
    return f"{trial.detector}: {trial.verdict}{f' ({told})' if told else ''} {trial.missing}".rstrip() + (
        f" [{trial.elapsed:.1f} s]"
    )


def _sighted(sighting: Sighting) -> Iterator[str]:
    yield f"      {sighting.where}"
    yield from _hanging("        ", f"{sighting.step}: expected {sighting.expected}, seen {sighting.seen}")


def _sums(report: Report) -> Iterator[str]:
    """Killed of how many, for each rule and detector."""
    rows: list[tuple[str, ...]] = []
    for rule, saboteurs in by_rule(report.saboteurs).items():
        if saboteurs:
            cells = [
                str(sum(bool(t.kills) for one in saboteurs for t in report.of(one.id) if t.detector == detector.name))
                for detector in DETECTORS
            ]
            kinds = len({one.kind for one in saboteurs})
            rows.append((rule, str(len(saboteurs)), str(kinds), *cells, _seconds(report, saboteurs)))
    if rows:
        yield from columns(("rule", "saboteurs", "kinds", *(f"by {it.name}" for it in DETECTORS), "seconds"), rows)


def _seconds(report: Report, saboteurs: Sequence[Saboteur]) -> str:
    return f"{sum(trial.elapsed for one in saboteurs for trial in report.of(one.id)):.1f}"


def _hanging(head: str, text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent=head, subsequent_indent=" " * len(head))


def as_list(saboteurs: Mapping[str, Saboteur]) -> str:
    """Rule by rule who there is, and what he breaks."""
    lines: list[str] = []
    for rule, own in by_rule(saboteurs).items():
        lines += [rule] if own else []
        for one in own:
            lines += _hanging(f"  {one.id}  ", f"{one.kind}: {one.breaks}")
            lines += _hanging("    survives: ", one.survives) if one.survives else []
    return (
        "\n".join([*lines, "", f"{len(saboteurs)} saboteurs of {sum(map(bool, by_rule(saboteurs).values()))} rules."])
        + "\n"
    )


def as_json(report: Report) -> str:
    """`version` of this shape, `seed`; `totals`; `detectors` by name; `controls` and `saboteurs`, each with `trials`:
    `detector`, `verdict`, `kills` and `others` (of `kind`, `where`, `title`, `step`, `expected`, `seen`, `names`); then
    `alone`, `survivors` and `complaints`. No times, so that the same seed gives the same bytes."""
    shape: dict[str, Any] = {
        "version": VERSION,
        "seed": report.seed,
        "totals": {
            "saboteurs": len(report.saboteurs),
            "killed": sum(report.killed(one) for one in report.saboteurs),
        },
        "detectors": {detector.name: detector.about for detector in DETECTORS},
        "controls": {one: _trials(report, one) for one in (UNBROKEN, CONTROL)},
        "saboteurs": {
            one.id: {
                "rule": one.rule,
                "kind": one.kind,
                "breaks": one.breaks,
                "fails": list(one.fails),
                "trials": _trials(report, one.id),
            }
            for one in report.saboteurs.values()
        },
        "alone": report.alone,
        "survivors": {it.id: it.survives for it in report.saboteurs.values() if not report.killed(it.id)},
        "complaints": report.complaints,
    }
    return json.dumps(shape, indent=2, ensure_ascii=False) + "\n"


def _trials(report: Report, id: str) -> list[dict[str, Any]]:
    return [
        {
            "detector": trial.detector,
            "verdict": trial.verdict,
            "kills": [_shape(sighting) for sighting in trial.kills],
            "others": [_shape(sighting) for sighting in trial.others],
        }
        for trial in report.of(id)
    ]


def _shape(sighting: Sighting) -> dict[str, Any]:
    shape = sighting._asdict()
    return {name: shape[name] for name in ("kind", "where", "title", "step", "expected", "seen", "names")}
