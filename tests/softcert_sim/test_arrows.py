"""What a step did as arrows: who acts where, what was sent, what was refused, what broke."""

from softcert_sim.look import Sheet
from softcert_sim.report.arrows import Arrow, arrows_of, lanes_of
from softcert_sim.results import Outcome, ScenarioResult, StepResult
from softcert_sim.scenes import FileChange, Letter, Scene, Sent
from softcert_sim.words import language

CAST = {"li-wei": "person", "thief": "person", "office-pc": "computer", "red-usb": "drive"}


def step(verb: str, outcome: str = "allowed", faults: tuple[str, ...] = (), **arguments: str) -> StepResult:
    kind, _, detail = outcome.partition(" ")
    return StepResult(1, verb, arguments=arguments, outcome=Outcome(kind, detail), faults=faults)  # type: ignore[arg-type]


def sent(target: str = "/login", status: int = 200, told: str = "", fault: str = "", *, lost: bool = False) -> Sent:
    answer = None if lost else ("HTTP/1.1",)
    return Sent(1, 0, "office-pc", "office", "POST", target, ("POST",), answer, 0 if lost else status, told, fault)


NOTHING = Scene(0, 1)


def drawn(
    of: StepResult, scene: Scene = NOTHING, plugged: dict[str, str] | None = None, lang: str = "en"
) -> list[tuple[str, ...]]:
    return [tuple(arrow) for arrow in arrows_of(of, scene, CAST, plugged or {}, language(lang))]


def test_a_person_acts_at_a_computer_which_asks_the_office() -> None:
    scene = Scene(0, 1, sent=(sent(),))
    assert drawn(step("login", by="li-wei", at="office-pc"), scene) == [
        ("li-wei", "office-pc", "login", "act"),
        ("office-pc", "office", "POST /login", "request"),
        ("office", "office-pc", "200", "answer"),
    ]


def test_the_token_of_an_address_is_no_label() -> None:
    scene = Scene(0, 1, sent=(sent("/download/1.token"),))
    assert ("office-pc", "office", "POST /download", "request") in drawn(step("download"), scene)


def test_a_refusal_comes_back_red_with_its_rule() -> None:
    scene = Scene(0, 1, sent=(sent(status=403, told="one-computer/retired"),))
    of = step("login", "refused one-computer/retired", by="li-wei", at="office-pc")
    assert drawn(of, scene)[-1] == ("office", "office-pc", "one-computer/retired", "refused")


def test_what_the_driver_refuses_stays_at_the_computer() -> None:
    of = step("login", "refused pin-guards-key/wrong-pin", by="li-wei", at="office-pc")
    assert drawn(of)[-1] == ("office-pc", "", "pin-guards-key/wrong-pin", "refused")


def test_faults_are_said_and_a_cut_line_does_not_arrive() -> None:
    cut = Scene(0, 1, sent=(sent(fault="cut-answer"),))
    found = drawn(step("login", "broken unknown", ("the line is cut",), by="li-wei", at="office-pc"), cut)
    assert found[0] == ("", "", "the line is cut", "fault")
    assert found[-1] == ("office", "office-pc", "200", "cut")
    assert drawn(step("login"), Scene(0, 1, sent=(sent(lost=True),))) == [("office-pc", "office", "POST /login", "cut")]


def test_a_power_cut_without_a_message_strikes_the_computer() -> None:
    assert drawn(step("change-pin", "broken unknown", at="office-pc"))[-1][3] == "cut"


def test_drives_are_written_and_read() -> None:
    scene = Scene(0, 1, files=(FileChange("red-usb", "a", "added", 1, ()), FileChange("red-usb", "b", "added", 1, ())))
    assert ("office-pc", "red-usb", "writes 2 files", "files") in drawn(step("backup", at="office-pc"), scene)
    assert ("red-usb", "office-pc", "reads", "files") in drawn(
        step("recover", at="office-pc"), plugged={"red-usb": "office-pc"}
    )


def test_mail_goes_from_the_office_or_from_a_forger() -> None:
    def mail(sender: str) -> Scene:
        return Scene(0, 1, letters=(Letter(sender, "result", Sheet("", ()), ()),))

    result = ("inbox", "result of the application", "mail")
    assert drawn(step("approve"), mail("no-reply@sbj.example"))[-1] == ("office", *result)
    assert drawn(step("forge", by="thief"), mail("x@evil.example"))[-1] == ("thief", *result)
    assert drawn(step("read-mail", by="li-wei")) == [("inbox", "li-wei", "reads", "mail")]


def test_a_flood_is_drawn_by_its_beginning_and_its_end() -> None:
    found = drawn(step("flood"), Scene(0, 1, sent=tuple(sent(f"/apply{number}") for number in range(20))))
    assert [label for *_, label, kind in found if kind in ("request", "more")] == [
        "POST /apply0", "POST /apply1", "POST /apply2", "POST /apply3", "14 more messages and their answers",
        "POST /apply18", "POST /apply19",
    ]  # fmt: skip


def test_long_times_are_said_and_checks_draw_nothing() -> None:
    assert drawn(step("wait"), Scene(0, 86_400)) == [("", "", "1 day pass", "time")]
    assert drawn(step("check-audit"), Scene(0, 86_400, sent=(sent(),))) == []


def test_arrows_are_labelled_in_the_language() -> None:
    scene = Scene(0, 86_400, sent=(sent(fault="duplicate-request"),))
    assert [label for *_, label, _ in drawn(step("login", by="li-wei", at="office-pc"), scene, lang="zh")] == [
        "登录", "POST /login，第二次", "200", "经过1天",
    ]  # fmt: skip


def test_only_who_takes_part_has_a_lane_in_the_order_of_the_kinds() -> None:
    result = ScenarioResult("", "", "", (), (), 1, (), "", {}, scene=Scene(0, 1, cast=tuple(CAST.items())))
    touched = [
        Arrow("office-pc", "office", "", "request"),
        Arrow("li-wei", "office-pc", "", "act"),
        Arrow("", "", "", "time"),
    ]
    assert lanes_of(result, touched) == [("li-wei", "person"), ("office-pc", "computer"), ("office", "office")]
