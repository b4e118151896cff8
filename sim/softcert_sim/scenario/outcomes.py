"""What an author says of a step's outcome: `refused`, `rejected`, `broken`, `limit`, `told`, `reads`."""

from dataclasses import replace

from softcert.rules.catalogue import RULES
from softcert_sim.scenario.marks import Node, Page, nearest
from softcert_sim.scenario.model import PROTOCOL_ERRORS, Expectation

OUTCOMES = ("refused", "rejected", "broken", "limit")
BESIDE = ("told", "reads")
"""What may be said of any of them, or of one."""
BROKEN = ("definite", "unknown")
TEXTS = ("part", "quote", "note")
WORDS = ("as", *OUTCOMES, *BESIDE, "fault", *TEXTS)
"""What may stand beside a verb."""


def read_outcome(page: Page, said: dict[str, Node]) -> Expectation:
    """The expectation in a step's words; none of them means allowed."""
    reads = said.get("reads")
    return replace(_read_kind(page, said), reads="" if reads is None else " ".join(reads.text.split()))


def _read_kind(page: Page, said: dict[str, Node]) -> Expectation:
    named = [word for word in OUTCOMES if word in said]
    if len(named) > 1:
        page.wrong(said[named[1]], f"a step has one outcome, not both `{named[0]}` and `{named[1]}`")
    for word in (*OUTCOMES, *BESIDE):
        node = said.get(word)
        if node is not None and (node.kind != "text" or not node.text.strip()):
            found = "" if node.kind == "text" else f", not {node.describe()}"
            page.wrong(node, f"`{word}` needs text{found}", expected=_shape(word))
            return Expectation()
    told = _read_told(page, said)
    if not named:
        return Expectation()
    word, node = named[0], said[named[0]]
    if word == "limit":
        return Expectation(limit=node.text.strip())
    if word == "refused":
        check_refusal(page, node)
        return Expectation("refused", node.text, told)
    if word == "rejected":
        if node.text not in PROTOCOL_ERRORS:
            page.wrong_word(node, "protocol error", node.text, PROTOCOL_ERRORS)
        return Expectation("rejected", node.text)
    if node.text not in BROKEN:
        page.wrong_word(node, "kind of broken", node.text, BROKEN)
    return Expectation("broken", node.text)


def check_refusal(page: Page, node: Node) -> None:
    """`rule/reason` as the catalogue has it; what is wrong is noted."""
    rule, _, reason = node.text.partition("/")
    gates = [gate.id for gate in RULES.values() if gate.kind == "gate"]
    if rule not in RULES:
        close = nearest(rule, gates)
        page.wrong(node, f"no rule `{rule}`", expected="rule/reason; `softcert rules` lists them", suggestion=close)
    elif RULES[rule].kind == "duty":
        page.wrong(node, f"`{rule}` is a duty: it refuses nothing", expected="rule/reason of a gate")
    elif reason not in RULES[rule].reasons:
        reasons = RULES[rule].reasons
        elsewhere = [f"{gate.id}/{reason}" for gate in RULES.values() if reason and reason in gate.reasons]
        suggestion = nearest(reason, reasons) or " or ".join(f"`{name}`" for name in elsewhere[:3])
        missing = f"`{rule}` has no reason `{reason}`" if reason else f"`{rule}` needs a reason, as {rule}/{reasons[0]}"
        page.wrong(node, missing, expected=f"one of {', '.join(reasons)}", suggestion=suggestion)


def _read_told(page: Page, said: dict[str, Node]) -> str:
    node = said.get("told")
    if node is None:
        return ""
    if "refused" not in said:
        page.wrong(node, "`told` says what the user hears of a `refused`, and there is none here")
    elif "/" in node.text:
        check_refusal(page, node)
    elif node.text not in PROTOCOL_ERRORS:
        page.wrong_word(node, "protocol error", node.text, PROTOCOL_ERRORS)
    return node.text


def _shape(word: str) -> str:
    return {
        "refused": "rule/reason, such as one-time-link/used",
        "rejected": f"one of {', '.join(PROTOCOL_ERRORS)}",
        "broken": "definite or unknown",
        "limit": "why the attack succeeds",
        "told": "rule/reason or a protocol error",
        "reads": "words of the text that the user gets",
    }[word]
