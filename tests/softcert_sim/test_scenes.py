"""What a step did, as a value: everything that a reader of a report is shown, and the same on every run."""

import pytest

from softcert.protocol import encode, sha256
from softcert_sim.pieces import Cut, Der, Raw, Salted, in_pieces
from softcert_sim.product import product
from softcert_sim.results import ScenarioResult
from softcert_sim.runner import Options, load
from softcert_sim.scenario.files import shipped
from softcert_sim.scenario.loader import Loader
from softcert_sim.scenes import Scene
from softcert_sim.stage import Setting, Stage

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


def run(text: str, *, scenes: bool = True) -> ScenarioResult:
    cast = load([shipped()], Options(), product())[0].cast
    [scenario] = Loader(product().registry).load_text("move.yaml", text, cast)
    stage = Stage(product(), Setting(scenes=scenes))
    try:
        return stage.run(scenario)
    finally:
        stage.close()


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
    assert ("li-wei", "activation-code") in [(one.who, one.topic) for one in before.learned]
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
    assert ("li-wei", "password", "green tea in spring") in [(it.who, it.topic, it.value) for it in backup.learned]
    assert [entry.act for entry in backup.entries] == ["backup"]


def test_a_lost_answer_is_kept_and_marked(move: list[Scene]) -> None:
    lost = move[5].sent[-1]
    assert (lost.target, lost.fault, lost.status) == ("/recover", "cut-answer", 200)
    assert [(row.table, row.how) for row in move[5].rows if row.table == "bindings"] == [
        ("bindings", "changed"),
        ("bindings", "added"),
    ]
    assert [letter.to for letter in move[5].letters] == ["li-wei"]


def test_a_refusal_says_what_was_told_and_changes_no_record(move: list[Scene]) -> None:
    refused = move[7]
    assert [sent.told for sent in refused.sent] == ["one-computer/retired"]
    assert [(row.table, row.how) for row in refused.rows] == [("repeats", "removed")]  # acknowledged with the request
    assert [(verdict.side, str(verdict)) for verdict in refused.verdicts][-1] == ("office", "one-computer/retired")
    assert refused.entries[0].outcome == "refused one-computer/retired"


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
