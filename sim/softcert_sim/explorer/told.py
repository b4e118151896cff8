"""What an exploration found, in words and figures; what is not decided is said beside what is."""

from collections import Counter, deque
from collections.abc import Iterator

from softcert.rules.catalogue import RULES
from softcert_sim.explorer.expand import begin
from softcert_sim.explorer.scopes import GOALS
from softcert_sim.explorer.search import Found
from softcert_sim.product import product
from softcert_sim.scenario.model import Step
from softcert_sim.shrink import as_scenario_file


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
    """The whole report."""
    return "".join(f"{line}\n" for line in _lines(found, seed))


def _lines(found: Found, seed: int) -> Iterator[str]:
    scope = found.scope
    yield f"{scope.name}: {scope.about}"
    yield f"{found.states:,} states, {found.transitions:,} transitions, depth {found.depth}, seed {seed}."
    yield from _cut_off(found)
    yield ""
    yield from _rules(found)
    yield ""
    judged = found.transitions - found.silent
    if found.wrong:
        yield "Something is wrong:"
        steps, wrong = found.wrong
        yield f"  {wrong}"
        yield ""
        yield _as_file(found, steps, wrong, seed)
        return
    yield f"always     every invariant held, and the oracle agreed with {judged:,} of {found.transitions:,} transitions."
    for goal in scope.goals:
        count = found.outcomes[GOALS[goal]]
        yield f"sometimes  {goal}: {f'{count:,} times' if count else 'NEVER'}"
    for who in found.good:
        open_, lost = stuck(found, who)
        able = found.states - open_ - len(lost)
        rest = f"not decided {open_:,}; not {len(lost):,}"
        yield f"still      {who} can get a working certificate from {able:,} states; {rest}."
        for state in lost[:1]:
            yield "           not so after:"
            yield _as_file(found, found.path(state), f"{who} can get no working certificate any more", seed)


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


def _as_file(found: Found, steps: list[Step], wrong: str, seed: int) -> str:
    """The path as a scenario file, which `softcert shrink` makes smaller."""
    scope, scenario = found.scope, begin(found.scope)
    return as_scenario_file(
        steps, f"Found in {scope.name}", scope.about, found=wrong, given=scenario.given, policy=scope.policy, seed=seed,
        registry=product().registry,
    )  # fmt: skip
