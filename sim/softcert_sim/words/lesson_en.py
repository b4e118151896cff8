"""What is said around one broken rule, in English. What a saboteur breaks he says himself."""

KINDS = (
    "check removed", "off by one", "wrong order", "not atomic", "wrong scope", "one side only", "not persisted",
    "compared loosely", "refused but changed", "leaked", "wrong reason", "done twice", "made weak", "not forgotten",
)  # fmt: skip
LESSON: dict[str, str] = {
    "title": "{title}, with {rule} broken",
    "the rule": "the rule",
    "broken": "broken",
    "by": "{breaks} ({id}, {kind})",
    "expected": "expected",
    "instead": "instead",
    "noticed by": "noticed by",
    "never needed": "Every step comes out as before: this story never needed the rule. {command} runs those that do.",
    "up to": "Up to step {number} nothing is different. The last of them:",
    "at once": "The first step is different already.",
    "nobody": "nobody: the story comes to a good end all the same.",
    "invariant": "what must hold at every moment by {rules}: {seen}.",
    "author": "the story's author, who says at line {line}: {expected}.",
    "oracle": "the oracle, who expected: {opinion}.",
    "breakdown": "nobody: something broke down ({seen}).",
    **{f"kind {kind}": kind for kind in KINDS},
}
BREAKS: dict[str, str] = {}
