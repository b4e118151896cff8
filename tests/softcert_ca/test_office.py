"""The whole office over its wire: a life from the application to the new computer."""

from softcert.protocol import DIRECTORY, decode, from_bytes, sha256


NEW_PARTS = {"board": "B-77", "processor": "P-88", "disk": "D-99", "network": "N-66"}


def test_whole_life_of_a_certificate(bench, signed_payload):
    old, new = bench.computer("li-wei"), bench.computer("li-wei-new", NEW_PARTS)
    bench.downloaded(old)
    assert old.login().json["certificate_state"] == "issued"
    assert old.activate().json == {"certificate_state": "active"}
    receipt = old.file("a red lion").json["receipt"]
    header, said = signed_payload(receipt)
    assert said["serial"] == old.serial
    header, manifest = signed_payload(old.backup().json["manifest"])
    assert manifest["sha256"] == sha256(b"file")
    recovered = new.take(old).recover()
    assert recovered.json["generation"] == 2
    assert new.login().json["certificate_state"] == "active"
    assert old.login().refusal == "one-computer/retired"
    assert bench.office.verify() == []
