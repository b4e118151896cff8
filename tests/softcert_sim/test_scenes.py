"""What a step did, as a value: everything that a reader of a report is shown, and the same on every run."""

import pytest
import real

from softcert.protocol import encode, sha256
from softcert_sim.pieces import Cut, Der, Raw, Salted, in_pieces
from softcert_sim.results import ScenarioResult
from softcert_sim.scenes import Lines, Scene
from softcert_sim.stage import Setting

MOVE = """\
softcert: 1
scenario: A move
given: {li-wei: active}
steps:
  - plug: {drive: red-usb, into: office-pc}
  - login: {by: li-wei, at: office-pc}
  - backup: {by: li-wei, at: office-pc}
  - plug: {drive: red-usb, into: home-pc}
  - install: {by: li-wei, at: home-pc}
  - recover: {by: li-wei, at: home-pc, from: red-usb}
    fault: {cut-answer: "1"}
    broken: unknown
  - recover: {by: li-wei, at: home-pc, from: red-usb}
  - login: {by: li-wei, at: office-pc}
    refused: one-computer/retired
"""


def run(text: str, *, scenes: bool = True, lang: str = "en") -> ScenarioResult:
    return real.play(real.read(text), Setting(scenes=scenes, lang=lang))


def said(scene: Scene | None, title: str) -> Lines:
    """What a sheet says anew."""
    assert scene is not None
    return next((change.lines for change in scene.sheets if change.title == title), ())


@pytest.fixture(scope="module")
def move() -> list[Scene]:
    result = run(MOVE)
    assert result.red is None
    scenes = [step.scene for step in result.steps]
    assert all(scenes)
    return [scene for scene in scenes if scene]


def test_nothing_is_collected_unless_asked() -> None:
    result = run(MOVE, scenes=False)
    assert result.scene is None
    assert [step.scene for step in result.steps] == [None] * 8


def test_scenes_are_the_same_on_every_run_though_pkcs12_is_salted(move: list[Scene]) -> None:
    assert [step.scene for step in run(MOVE).steps] == move


def test_what_preludes_did_stands_before_the_first_step() -> None:
    before = run(MOVE).scene
    assert before is not None
    assert "/apply" in [sent.target for sent in before.sent]
    assert "activation code" in dict(said(before, "li-wei knows"))
    assert ("li-wei", "person") in before.cast
    assert ("red-usb", "drive") in before.cast


def test_a_backup_writes_to_the_drive_and_registers(move: list[Scene]) -> None:
    backup = move[2]
    assert [(sent.by, sent.to, sent.method, sent.target, sent.status) for sent in backup.sent] == [
        ("office-pc", "office", "POST", "/backup", 200)
    ]
    assert {change.path.rpartition("/")[2] for change in backup.files if change.on == "red-usb"} == {
        "backup.p12",
        "manifest.json",
    }
    assert [(row.table, row.how) for row in backup.rows if row.table == "backups"] == [("backups", "added")]
    assert ("backup password", "green tea in spring") in said(backup, "li-wei knows")
    assert [text.rpartition(": ")[2] for _, text in said(backup, "Audit log")] == ["backup, allowed"]


def test_a_lost_answer_is_kept_and_marked(move: list[Scene]) -> None:
    lost = move[5].sent[-1]
    assert (lost.target, lost.fault, lost.status) == ("/recover", "cut-answer", 200)
    assert [(row.table, row.how) for row in move[5].rows if row.table == "bindings"] == [
        ("bindings", "changed"),
        ("bindings", "added"),
    ]
    assert [dict(letter.sheet.lines)["to"] for letter in move[5].letters] == ["li.wei@xixi-tea.example"]


def test_a_refusal_says_what_was_told_and_changes_no_record(move: list[Scene]) -> None:
    refused = move[7]
    assert [sent.told for sent in refused.sent] == ["one-computer/retired"]
    assert [(row.table, row.how) for row in refused.rows] == [("repeats", "removed")]  # acknowledged with the request
    assert [(verdict.side, str(verdict)) for verdict in refused.verdicts][-1] == ("office", "one-computer/retired")
    assert said(refused, "Audit log")[-1][1].endswith("office-pc: login, refused one-computer/retired")


def test_what_a_sheet_says_otherwise_and_how_much_of_it_stands(move: list[Scene]) -> None:
    there = [change for change in move[5].sheets if change.title == "office-pc"]
    assert [change.part for change in there] == ["computers"]
    assert ("bound to", "home-pc, so it is of no use here") in there[0].lines
    assert ("belongs to", "li-wei") not in there[0].lines
    assert there[0].head >= 4
    assert not [change for change in move[0].sheets if change.part == "office"], "the office hears of no drive"


def test_sheets_put_one_upon_the_other_are_what_look_says_at_the_end() -> None:
    result = run(MOVE)
    scenes = [result.scene, *(step.scene for step in result.steps)]
    stands: dict[str, Lines] = {}
    for change in (change for scene in scenes if scene for change in scene.sheets):
        was = stands.get(change.title, ())
        stands[change.title] = (*was[: change.head], *change.lines, *was[len(was) - change.tail :])
    audit = stands["Audit log"]
    assert [number for number, _ in audit] == [str(number) for number in range(1, len(audit) + 1)]
    assert [text for label, text in stands["home-pc"] if label == "bound to"] == ["this computer"]
    assert [text for label, text in stands["red-usb"] if label == "plugged into"] == ["home-pc"]


def test_a_scene_is_told_in_the_language_of_the_run(move: list[Scene]) -> None:
    told = [step.scene for step in run(MOVE, lang="zh").steps]
    assert [scene.sent for scene in told if scene] == [scene.sent for scene in move], "no byte is another"
    assert ("绑定于", "home-pc，因此在这里无法使用") in said(told[5], "office-pc")


def test_long_values_have_names(move: list[Scene]) -> None:
    assert "certificate of li-wei" in dict(run(MOVE).scene.names).values()  # type: ignore[union-attr]
    assert "home-pc" in [name for scene in move for _, name in scene.names]


# --- Bytes in pieces ---------------------------------------------------------------------------------------------------

SIGNED = '{"payload":"%s","protected":"%s","signature":"c2lnbmVk"}'


def test_signed_messages_are_opened_and_can_be_joined_again() -> None:
    inner = SIGNED % (encode(b'{"content":"inner"}'), encode(b'{"alg":"ES256"}'))
    data = ("POST / HTTP/1.1\r\n\r\n" + SIGNED % (encode(inner.encode()), encode(b"{}"))).encode()
    pieces = in_pieces(data, {})
    assert pieces[1][1] == ('{"content":"inner"}',)
    assert joined(pieces) == data.decode()


def joined(pieces: tuple) -> str:
    return "".join(encode(joined(piece).encode()) if isinstance(piece, tuple) else piece for piece in pieces)


def test_salted_values_have_a_name_and_their_signatures_go() -> None:
    digest = sha256(b"salted")
    data = (SIGNED % (encode(f'{{"sha256":"{digest}"}}'.encode()), encode(b"{}"))).encode()
    pieces = in_pieces(data, {digest: "PKCS#12 of 1"})
    assert Salted("PKCS#12 of 1") in pieces[1]
    assert "c2lnbmVk" not in str(pieces)


def test_der_long_runs_and_binary_are_told_apart() -> None:
    der, run_, binary = "MII" + "A" * 300, "x" * 900, bytes(range(256)) * 2
    pieces = in_pieces(f'{{"certificate":"{der}","long":"{run_}"}}'.encode(), {})
    assert Der(der) in pieces
    assert Cut(780) in pieces
    [raw] = in_pieces(binary, {})
    assert isinstance(raw, Raw)
    assert raw.size == 512
    head, body = in_pieces(b"HTTP/1.1 200 OK\r\n\r\n" + binary, {})
    assert head == "HTTP/1.1 200 OK\r\n\r\n"
    assert isinstance(body, Raw)
