"""Step mode by lines: a command comes in, lines of text go out. What it says stands in `words`; it knows no terminal."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from softcert.rules.catalogue import RULES
from softcert_sim.columns import wrap
from softcert_sim.guessing import Guess, Question, rule_named
from softcert_sim.look import Look
from softcert_sim.lookshow import places, sheets_of, shown, titled
from softcert_sim.scenario.marks import nearest
from softcert_sim.stepping import CannotGoBack, Session
from softcert_sim.story import Teller, mark
from softcert_sim.words import language

_SHORT = {"n": "next", "b": "back", "j": "jump", "l": "list", "m": "mail", "p": "predict", "q": "quit", "exit": "quit",
          "h": "help", "?": "help"}  # fmt: skip


class Shell:
    """One user at a session. `done` once he left."""

    def __init__(self, session: Session, lang: str = "en", width: int = 110) -> None:
        self.session, self.done = session, False
        self._lang, self._width, self._words = lang, width, language(lang)
        self._predicts = False
        self._question: Question | None = None
        self._commands: dict[str, Callable[[str], Iterator[str]]] = {
            "next": self._next, "back": self._back, "jump": self._jump, "list": self._list, "again": self._again,
            "look": self._look, "mail": self._mail, "who": self._who, "predict": self._predict, "score": self._score,
            "rule": self._rule, "help": self._help, "quit": self._quit,
        }  # fmt: skip

    # In and out

    @property
    def prompt(self) -> str:
        """What stands before the user's next line."""
        key = "prompt guess" if self._question else "prompt"
        return self._say(key, at=self.session.at, count=len(self.session.stops))

    @property
    def interrupted(self) -> str:
        """What is said after Ctrl-C: nothing was lost."""
        return self._say("interrupted")

    def opening(self) -> list[str]:
        """What is said first."""
        return list(self._opening())

    def do(self, line: str) -> list[str]:
        """What one line of the user's brings. An empty one is `next`."""
        word, _, rest = (line.strip() or "next").partition(" ")
        try:
            if self._question and word not in (*self._commands, *_SHORT):
                guess = self._question.read(line.strip())
                if guess:
                    return list(self._guessed(self._question, guess))
            return list(self._commands.get(self._command(word.lower()), self._unknown(word))(rest.strip()))
        except CannotGoBack:
            return [self._say("cannot go back")]

    def vocabulary(self) -> list[str]:
        """All that a user may want to type, for completion."""
        return [*self._commands, *places(self.session.world), *RULES]

    def _command(self, word: str) -> str:
        """The command that a word means: itself, its short form, or the only one that begins so."""
        beginning = [name for name in self._commands if name.startswith(word)]
        return _SHORT.get(word) or (beginning[0] if len(beginning) == 1 else word)

    def _unknown(self, word: str) -> Callable[[str], Iterator[str]]:
        return lambda _: iter([self._say("unknown command", word=word, meant=self._meant(word, self._commands))])

    # Moving

    def _opening(self) -> Iterator[str]:
        scenario = self.session.scenario
        yield from titled(scenario.title, "═", self._width)
        yield from wrap(scenario.about, self._width)
        given = self._words.comma.join(f"{person} {self._words.prelude(prelude)}" for person, prelude in scenario.given)
        yield from wrap(self._say("given", given=given) if given else "", self._width)
        yield from wrap(self._words.remark, self._width)
        yield from ("", self._say("opening", count=len(self.session.stops)))
        if not self.session.goes_back:
            yield self._say("cannot go back")
        yield from self._coming()

    def _next(self, count: str) -> Iterator[str]:
        """Play a step, or so many; a question comes before each."""
        for _ in range(int(count) if count.isdecimal() else 1):
            if self._predicts and not self._question:
                self._question = self.session.ask()
                if self._question:
                    yield from self._asks(self._question)
                    return
            self._question = None
            if self.session.ended:
                break
            self.session.next()
            yield from self._last()
        yield from self._coming()

    def _back(self, _: str) -> Iterator[str]:
        if not self.session.at:
            yield self._say("at beginning")
            return
        self.session.back()
        self._question = None
        yield self._say("back", number=self.session.at + 1)
        yield from self._coming()

    def _jump(self, where: str) -> Iterator[str]:
        headings = list(self.session.headings())
        number = self._number_of(where, headings) if where else None
        if number is None:
            yield self._say("no such place", where=where, count=len(self.session.stops)) if where else self._say("jump how")
            yield from (line for at, title in headings for line in wrap(title, self._width, f"{at:5}  ", " " * 7))
            return
        self.session.go(number)
        self._question = None
        if self.session.red:
            yield from self._last()
        yield from self._coming()

    def _number_of(self, where: str, headings: Sequence[tuple[int, str]]) -> int | None:
        """Where to: a number, `refusal`, `end`, or a part of a heading."""
        count = len(self.session.stops)
        if where.isdecimal():
            return int(where) if 1 <= int(where) <= count else None
        if where == "refusal":
            return self.session.first_refusal()
        if where == "end":
            return count + 1
        return next((number for number, title in headings if where.casefold() in title.casefold()), None)

    def _again(self, _: str) -> Iterator[str]:
        yield from self._last() if self.session.at else (self._say("at beginning"),)

    def _last(self) -> Iterator[str]:
        teller = Teller(self._words, self._width)
        for result in self.session.shown[-1]:
            yield from teller.step(result, self.session.at)

    def _coming(self) -> Iterator[str]:
        """What comes next, or how it ended."""
        session, words = self.session, self._words
        yield ""
        if session.red:
            differs = words.differs[session.shown[-1][-1].differs]
            yield from wrap(self._say("red", differs=differs), self._width)
        elif session.ended:
            limit = any(result.limit for results in session.shown for result in results)
            said = words.as_expected_one if session.at == 1 else words.as_expected
            yield self._say("end", said=said.format(count=session.at, limit=words.limit if limit else ""))
        else:
            yield from self._numbered(f"{self._say('next')} ", session.at + 1)

    def _numbered(self, head: str, number: int) -> Iterator[str]:
        """A stop in its number and sentence; nothing for words at the end."""
        head = f"{head}{number:3}. "
        yield from wrap(self.session.sentence(number), self._width, head, " " * len(head))

    def _list(self, _: str) -> Iterator[str]:
        headings = dict(self.session.headings())
        for number in range(1, len(self.session.stops) + 1):
            if number in headings:
                yield from ("", headings[number])
            played = number <= self.session.at
            sign = mark(self.session.shown[number - 1][-1]) if played else " "
            yield from self._numbered(f" {'→' if number == self.session.at + 1 else sign} ", number)

    # Looking

    def _look(self, place: str) -> Iterator[str]:
        known = places(self.session.world)
        if place in known:
            yield from shown(sheets_of(self.session.world, place, self._lang), self._width, self._words.nothing)
            return
        if place:
            yield self._say("unknown place", place=place, meant=self._meant(place, known))
        yield from wrap(self._say("look how", places=", ".join(known)), self._width)

    def _mail(self, number: str) -> Iterator[str]:
        look = Look(self.session.world, self._lang)
        mail = look.mail(int(number)) if number.isdecimal() else None
        if number and not mail:
            yield self._say("no such mail", number=number)
        yield from shown([mail] if mail else look.inbox(), self._width, self._words.nothing)

    def _who(self, only: str) -> Iterator[str]:
        known = Look(self.session.world, self._lang).knowledge(only)
        nobody = self._say("nobody knows that", what=only) if only else self._say("nobody knows")
        yield from shown(known, self._width, "") if known else (nobody,)

    # Guessing

    def _predict(self, how: str) -> Iterator[str]:
        if how not in ("on", "off"):
            yield self._say("predict how")
        elif not self.session.goes_back:
            yield self._say("cannot go back")
        else:
            self._predicts, self._question = how == "on", None
            yield self._say(f"predict {how}")

    def _asks(self, question: Question) -> Iterator[str]:
        yield from self._numbered("", self.session.at + 1)
        yield f"     {self._say('question')}"
        yield f"       a  {self._words.outcomes['allowed']}"
        for number, rule in enumerate(question.rules, 1):
            yield f"      {number:2}  {self._say('refused by', rule=rule)}"
        yield f"       s  {self._say('stopped')}"

    def _guessed(self, question: Question, guess: Guess) -> Iterator[str]:
        judgement = question.judge(guess)
        self.session.score.add(judgement)
        yield f"{self._say(judgement)} {self._scored()}"
        yield from self._next("")

    def _score(self, _: str) -> Iterator[str]:
        yield self._scored() if self.session.score.asked else self._say("no score")

    def _scored(self) -> str:
        score = self.session.score
        half = self._say("half", half=score.half) if score.half else ""
        return self._say("score", right=score.right, asked=score.asked, half=half)

    # The rest

    def _rule(self, name: str) -> Iterator[str]:
        rule = rule_named(name.partition("/")[0])
        if not rule:
            yield self._say("rule how", meant=self._meant(name, RULES) if name else "")
            return
        yield from titled(rule, "─", self._width)
        yield from wrap(self._words.readings[rule], self._width, "  ", "  ")
        for clause in self._words.clauses:
            if clause in RULES[rule].clauses:
                yield from wrap(f"“{self._words.clauses[clause]}”", self._width, f"  {clause}  ", " " * 7)

    def _help(self, _: str) -> Iterator[str]:
        yield from self._say("help").splitlines()

    def _quit(self, _: str) -> Iterator[str]:
        self.done = True
        if self.session.score.asked:
            yield self._scored()

    def _meant(self, word: str, known: Iterable[str]) -> str:
        close = nearest(word, known)
        return self._say("meant", close=close) if close else ""

    def _say(self, key: str, **slots: object) -> str:
        return self._words.stepping[key].format(**slots)
