"""What an exploration found, in words and figures; what is not decided is said beside what is."""

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import replace

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


def stuck(found: Found, who: str) -> tuple[int, list[int]]:
    """From how many states an applicant's working certificate is not decided, and those from which there is none any
    more. Working is one with which the applicant may log in; not decided is a state from which only states at the border
    or at a bound of the scope are left to be tried."""
    able = _before(found, found.good[who])
    open_ = _before(found, found.border | set(found.cut)) - able
    return len(open_), [state for state in range(found.states) if state not in able and state not in open_]


def _before(found: Found, goals: set[int]) -> set[int]:
    """Every state from which one of these can be reached, they included."""
    sources: dict[int, list[int]] = {}
    for at in range(0, len(found.edges), 2):
        sources.setdefault(found.edges[at + 1], []).append(found.edges[at])
    reached, todo = set(goals), deque(goals)
    while todo:
        for source in sources.get(todo.popleft(), ()):
            if source not in reached:
                reached.add(source)
                todo.append(source)
    return reached


def green(found: Found) -> bool:
    """Whether nothing was wrong, everything that should be possible is, and nobody is stuck."""
    return found.wrong is None and not unreached(found) and not any(stuck(found, who)[1] for who in found.good)


def tell(found: Found, seed: int) -> str:
    """The whole report, but for the counterexamples."""
    return "".join(f"{line}\n" for line in _lines(found, seed))


def counterexamples(found: Found, seed: int) -> list[str]:
    """What is wrong, made small, as a file; else the path to the first state from which an applicant is stuck."""
    begun, suite = begin(found.scope), product()
    if found.wrong:
        steps, wrong = found.wrong
        return [counterexample(replace(begun, steps=tuple(steps)), wrong, suite, Setting(seed=seed))]
    lost = [(who, found.path(state)) for who in found.good for state in stuck(found, who)[1][:1]]
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
        open_, lost = stuck(found, who)
        able = found.states - open_ - len(lost)
        rest = f"not decided {open_:,}; not {len(lost):,}"
        yield f"still      {who} can get a working certificate from {able:,} states; {rest}."


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
