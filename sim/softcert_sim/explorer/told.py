"""What an exploration found, in words and figures; what is not decided is said beside what is."""

from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from softcert.rules.catalogue import RULES
from softcert_sim.explorer.expand import begin
from softcert_sim.explorer.scopes import GOALS, SCOPES
from softcert_sim.explorer.search import Found
from softcert_sim.product import product
from softcert_sim.shrink import as_file, counterexample
from softcert_sim.stage import Setting


def unreached(found: Found) -> list[str]:
    """Goals of the scope that came to pass nowhere."""
    return [goal for goal in found.scope.goals if not found.outcomes[GOALS[goal]]]


class Outlook(NamedTuple):
    """Of how many states an applicant can still get a working certificate, and of how many it is not decided, because
    only states that were not expanded are left to be tried. For the others a reason is named, with their number; `lost`
    are those for which there is none."""

    able: int
    open: int
    hindered: Mapping[str, int]
    lost: Sequence[int]


def outlook(found: Found, who: str) -> Outlook:
    """What an applicant can still hope for. A working certificate is one with which the applicant may log in."""
    sources: dict[int, list[int]] = {}
    for state, _, after in found.each_way():
        sources.setdefault(after, []).append(state)
    able = _before(sources, found.good[who])
    open_ = _before(sources, found.border) - able
    rest = [state for state in range(found.states) if state not in able and state not in open_]
    named = Counter(reason for state in rest if (reason := found.hindered[who].get(state)))
    return Outlook(len(able), len(open_), named, [state for state in rest if state not in found.hindered[who]])


def _before(sources: Mapping[int, Sequence[int]], goals: set[int]) -> set[int]:
    """Every state from which one of these can be reached, they included."""
    reached, todo = set(goals), deque(goals)
    while todo:
        for source in sources.get(todo.popleft(), ()):
            if source not in reached:
                reached.add(source)
                todo.append(source)
    return reached


def green(found: Found) -> bool:
    """Whether nothing was wrong, everything that should be possible is, and nobody is stuck."""
    return found.wrong is None and not unreached(found) and not any(outlook(found, who).lost for who in found.good)


def tell(found: Found, seed: int) -> str:
    """The whole report, but for the counterexamples."""
    return "".join(f"{line}\n" for line in _lines(found, seed))


def counterexamples(found: Found, seed: int) -> list[str]:
    """What is wrong, made small, as a file; else the path to the first state from which an applicant is stuck."""
    begun, suite = begin(found.scope), product()
    if found.wrong:
        steps, wrong = found.wrong
        return [counterexample(replace(begun, steps=tuple(steps)), wrong, suite, Setting(seed=seed))]
    lost = [(who, found.story(state)) for who in found.good for state in outlook(found, who).lost[:1]]
    stories = ((who, replace(begun, seed=seed, steps=tuple(path))) for who, path in lost)
    return [as_file(told, suite.registry, f"{who} can get no working certificate any more") for who, told in stories]


def _lines(found: Found, seed: int) -> Iterator[str]:
    scope = found.scope
    yield f"{scope.name}: {scope.about}"
    yield from _cut_off(found)
    yield ""
    yield from _rules(found)
    yield ""
    yield from ["Something is wrong:", f"  {found.wrong[1]}"] if found.wrong else _judged(found)
    yield ""
    rate = found.transitions / max(found.elapsed, 0.001)
    total = f"{found.states:,} states, {found.transitions:,} transitions, depth {found.depth}"
    yield f"{total} ({found.elapsed:.1f} s, {rate:,.0f} transitions a second, seed {seed})"
    if goals := unreached(found):
        whole = SCOPES[scope.name].depth if scope.name in SCOPES else scope.depth
        deeper = f" (the scope goes to {whole})" if whole > scope.depth else ""
        yield f"Never came to pass within depth {scope.depth}{deeper}: {', '.join(goals)}."


def _judged(found: Found) -> Iterator[str]:
    judged = found.transitions - found.silent
    yield f"always     every invariant held, and the oracle agreed with {judged:,} of {found.transitions:,} transitions."
    for goal in found.scope.goals:
        count = found.outcomes[GOALS[goal]]
        yield f"sometimes  {goal}: {f'{count:,} times' if count else 'NEVER'}"
    for who in found.good:
        hope = outlook(found, who)
        yield f"still      {who} can get a working certificate from {hope.able:,} states."
        for reason, count in sorted(hope.hindered.items()):
            yield f"           not from {count:,}: {reason}."
        if hope.open:
            yield f"           not decided of {hope.open:,}: states that were not expanded are left to be tried."
        if hope.lost:
            yield f"           NOT from {len(hope.lost):,}, and no reason is named."


def _cut_off(found: Found) -> Iterator[str]:
    if found.border:
        yield f"cut off: {len(found.border):,} states at depth {found.depth} were not expanded."
    for verb, count in sorted(Counter(verb for verbs in found.cut.values() for verb in verbs).items()):
        most = found.scope.applications if verb == "apply" else found.scope.backups
        yield f"cut off: {verb} in {count:,} states, because the scope allows {most}."


def _rules(found: Found) -> Iterator[str]:
    yield f"{'rule':<24}{'allowed':>10}{'refused':>10}"
    for rule in RULES.values():
        if rule.kind == "gate":
            hits = [(hit.how, count) for hit, count in found.hits.items() if (hit.kind, hit.name) == ("rule", rule.id)]
            counts = [sum(count for how, count in hits if how.endswith(word)) for word in ("allowed", "refused")]
            if any(counts):
                yield f"{rule.id:<24}{counts[0]:>10,}{counts[1]:>10,}"
