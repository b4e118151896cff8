"""Whatever a client with a device key sends, it gets a 4xx problem and never a 500 (ATTACKS 60, fuzz)."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from softcert.protocol import DIRECTORY
from softcert_ca import signed_acts

SETTINGS = settings(
    max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=30) | st.just("1.0.0") | st.just("a" * 32),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
FIELDS = ("form", "csr", "confirmation", "notice", "application", "session", "code", "acknowledges", "inner")
INNER = ("certificate", "backup", "sha256", "proof", "session", "filing")
ACTS = {act: name for name, (act, _) in signed_acts.ACTS.items() if act != "download"}


def sent(computer, act, fields, content):
    target = DIRECTORY[ACTS[act]]
    try:
        message = computer.message(act, target, fields, inner=content, inner_options={"serial": "1"})
    except UnicodeEncodeError:
        return None
    return computer.send(target, message)


@SETTINGS
@given(
    act=st.sampled_from(sorted(ACTS)),
    fields=st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=6),
    content=st.none() | st.dictionaries(st.sampled_from(INNER), VALUES, max_size=4),
)
def test_no_signed_message_breaks_the_office(bench, act, fields, content):
    computer = bench.computer("fuzz")
    computer.count = bench.entropy.drawn
    reply = sent(computer, act, fields, content)
    assert reply is None or reply.status < 500


@SETTINGS
@given(fields=st.dictionaries(st.sampled_from(("name", "mailbox", "country", "mobile", "contact", "other")), VALUES))
def test_no_form_breaks_the_office(bench, fields):
    computer = bench.computer("fuzz")
    computer.count = bench.entropy.drawn
    try:
        assert computer.apply(**fields).status < 500
    except UnicodeEncodeError:
        return


@SETTINGS
@given(body=st.binary(max_size=200) | VALUES.map(repr).map(str.encode))
def test_no_unsigned_body_breaks_the_office(bench, body):
    for target in (DIRECTORY["confirm"], DIRECTORY["login"], "/download/x"):
        reply = bench.call("POST", target, [("content-type", "application/jose+json")], body)
        assert 400 <= reply.status < 500
    assert bench.call("POST", DIRECTORY["ocsp"], body=body).status == 200


@SETTINGS
@given(path=st.text(max_size=30))
def test_no_path_breaks_the_office(bench, path):
    encoded = "/" + "".join(f"%{byte:02X}" for byte in path.encode("utf-8", "replace"))
    for prefix in ("", "/download"):
        assert bench.call("GET", prefix + encoded).status in (200, 404)
