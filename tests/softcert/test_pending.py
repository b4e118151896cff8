"""Requests kept until their answers are known to have arrived."""

import json
from dataclasses import fields, replace

import pytest

from softcert.pending import Pending, PendingRequests, digest_of
from softcert_sim.disk import SimDisk

REQUEST = Pending("apply", "Li Wei", "digest", "r" * 22, {"form": {"name": "李伟"}}, {"a": 1}, "slot", ("1", "2"), True)


@pytest.fixture
def disk():
    return SimDisk("disk")


@pytest.fixture
def requests(disk):
    return PendingRequests(disk)


def test_what_is_kept_survives_a_power_cut(disk, requests):
    requests.keep(REQUEST)
    disk.power_cut(0)
    assert requests.all() == (REQUEST,)


def test_each_act_and_subject_has_one(requests):
    requests.keep(REQUEST)
    requests.keep(replace(REQUEST, request_id="s" * 22))
    others = [replace(REQUEST, subject="Zhang Min"), replace(REQUEST, act="download")]
    for other in others:
        requests.keep(other)
    assert len(requests.all()) == 3
    requests.drop(REQUEST)
    assert sorted(requests.all(), key=repr) == sorted(others, key=repr)


def test_no_subject_can_name_a_file_elsewhere(disk, requests):
    requests.keep(replace(REQUEST, subject="../../etc/passwd\0"))
    assert [path.rpartition("/")[0] for path in disk.files()] == ["softcert/pending"]


@pytest.mark.parametrize("data", [b"", b"{}", b'{"sent":[]}', b'{"sent":3,"act":"apply"}', b"\xff"])
def test_a_record_that_cannot_be_read_is_none(disk, requests, data):
    disk.write("softcert/pending/apply-0.json", data)
    assert requests.all() == ()


@pytest.mark.parametrize("name", [field.name for field in fields(Pending)])
@pytest.mark.parametrize("value", [5, 0.5, ["x"], [5]])
def test_a_record_with_something_of_another_kind_is_none(disk, requests, name, value):
    requests.keep(REQUEST)
    [(path, data)] = disk.files().items()
    disk.write(path, json.dumps({**json.loads(data), name: value}).encode())
    assert (requests.all() == ()) == ((name, value) != ("sent", ["x"]))


def test_equal_wishes_have_equal_digests():
    assert digest_of({"a": 1, "b": "茶"}) == digest_of({"b": "茶", "a": 1})
    assert digest_of({"a": 1}) != digest_of({"a": 2})
