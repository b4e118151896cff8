"""The form: what is in order passes, everything else gets one clear message for each bad field."""

from collections.abc import Mapping
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from softcert.form import (
    ADDRESS_WIDTH,
    COUNTRIES,
    NAME_WIDTH,
    FieldError,
    check_form,
    credit_code_check_digit,
    identity_check_digit,
    width,
)
from softcert.rules.checks import FORM_FIELDS

Form = Mapping[str, object]

COMPANY = {
    "holds-e-licence": "no",
    "applicant-type": "company",
    "country": "CN",
    "name": "北京大树贸易有限公司",
    "credit-code": "91350100M000100Y43",
    "contact": "李伟",
    "mailbox": "li.wei@example.com",
    "mobile": "13800138000",
    "address": "北京市西城区茶马南街1号",
}
PERSON = {
    "holds-e-licence": "no",
    "applicant-type": "person",
    "country": "CN",
    "name": "张敏",
    "identity-number": "11010519491231002X",
    "mailbox": "zhang-min@example.com",
    "mobile": "19912345678",
    "address": "上海市静安区南京西路1号",
}
FOREIGNER = {
    "holds-e-licence": "no",
    "applicant-type": "person",
    "country": "HK",
    "name": "Chan Tai Man",
    "identity-number": "A123456(7)",
    "mailbox": "chan@example.hk",
    "mobile": "+85291234567",
    "address": "1 Queen's Road Central, Hong Kong",
}

CREDIT_SYMBOLS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
credit_codes = st.text(CREDIT_SYMBOLS, min_size=17, max_size=17).map(lambda t: t + credit_code_check_digit(t))


@st.composite
def identity_numbers(draw: st.DrawFn) -> str:
    region, order = draw(st.integers(110000, 820000)), draw(st.integers(0, 999))
    birth = draw(st.dates(date(1900, 1, 1), date(2099, 12, 31)))
    first17 = f"{region}{birth:%Y%m%d}{order:03}"
    return first17 + identity_check_digit(first17)


plain_names = st.text(st.characters(categories=("L", "N"), exclude_characters="".join(map(chr, range(0xFF01, 0xFF5F)))),
                      min_size=1, max_size=60)  # fmt: skip


def bad_fields(form: Form) -> tuple[str, ...]:
    return tuple(error.field for error in check_form(form))


def message_for(field: str, form: Form) -> str:
    (error,) = [error for error in check_form(form) if error.field == field]
    return error.message


@pytest.mark.parametrize("form", [COMPANY, PERSON, FOREIGNER], ids=["company", "person", "foreigner"])
def test_a_form_filled_in_as_the_prompts_say_is_in_order(form: Form) -> None:
    assert check_form(form) == ()
    assert check_form({**form, "holds-e-licence": "yes"}) == (), "what the answer means is for another rule"


def test_an_empty_form_names_every_missing_field_once_and_in_order() -> None:
    assert bad_fields({}) == (
        "applicant-type", "country", "name", "mailbox", "mobile", "address", "unknown-field",
    )  # fmt: skip
    assert bad_fields({"applicant-type": "company", "country": "CN", "holds-e-licence": "no"}) == (
        "name", "credit-code", "contact", "mailbox", "mobile", "address",
    )  # fmt: skip
    assert "identity-number" in bad_fields({"applicant-type": "person", "country": "CN"})
    assert "identity-number" in bad_fields({"applicant-type": "person", "country": "US"})


def test_an_empty_optional_field_is_the_same_as_none() -> None:
    assert check_form({**COMPANY, "identity-number": ""}) == ()
    assert check_form({**PERSON, "credit-code": "", "contact": ""}) == ()
    assert check_form({**COMPANY, "country": "TW", "credit-code": "", "mobile": "+886912345678"}) == ()


def test_a_foreign_company_that_has_a_credit_code_must_have_a_right_one() -> None:
    foreign = {**COMPANY, "country": "US", "mobile": "+12025550123"}
    assert check_form(foreign) == ()
    assert bad_fields({**foreign, "credit-code": "91350100M000100Y44"}) == ("credit-code",)


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("applicant-type", "firm", "choose 'company' or 'person'; here stands 'firm'"),
        ("country", "cn", "two capital letters"),
        ("country", "XX", "here stands 'XX'"),
        ("name", "", "is missing"),
        ("name", "树" * 61, "is 122 units wide, 120 is the most"),
        ("credit-code", "91350100M000100Y4", "must have 18 symbols, here stand 17"),
        ("credit-code", "91350100M000100YO3", "symbol 17, 'O', cannot be in it"),
        ("credit-code", "91350100m000100Y43", "symbol 9, 'm', cannot be in it"),
        ("credit-code", "91350100M000100Y34", "check digit does not fit"),
        ("contact", "", "A company names a person"),
        ("identity-number", "11010519491231002X", "belongs to persons"),
        ("mailbox", "li.wei", "must be name@domain"),
        ("mailbox", "@example.com", "must be name@domain"),
        ("mailbox", "li@example.com,thief@example.com", "must be one address alone"),
        ("mailbox", "li@example.com@example.com", "must be one address alone"),
        ("mailbox", "Li Wei <li@example.com>", "must be one address alone"),
        ("mailbox", '"li"@example.com', "must be one address alone"),
        ("mailbox", "李伟@example.com", "Use an address without other letters"),
        ("mailbox", "li..wei@example.com", "a dot too many"),
        ("mailbox", "li@example", "'example' after the @ is no domain"),
        ("mailbox", "li@-x.example.com", "is no domain"),
        ("mailbox", "li@192.0.2.1", "is no domain"),
        ("mailbox", "a" * 65 + "@example.com", "65 characters before the @, 64 is the most"),
        ("mailbox", "li@" + "a." * 130 + "com", "254 is the most"),
        ("mobile", "12800138000", "11 digits that begin with 13 to 19"),
        ("mobile", "+8613800138000", "without blanks, hyphens or +86"),
        ("address", "x" * (ADDRESS_WIDTH + 1), "201 units wide, 200 is the most"),
        ("address", " 1 Main Street", "begins or ends with a blank"),
    ],
)
def test_a_bad_field_gets_its_message_and_no_other_field_is_blamed(field: str, value: object, says: str) -> None:
    form = {**COMPANY, field: value}
    assert bad_fields(form) == (field,) or field in ("applicant-type", "country")
    assert says in message_for(field, form)


@pytest.mark.parametrize(
    ("number", "says"),
    [
        ("11010519491231002x", "a capital X"),
        ("110105194912310021", "check digit does not fit"),
        ("110105194902300021", "19490230, are no birth date"),
        ("110105184912310021", "18491231, are no birth date"),
        ("1101054912310021", "17 digits"),
    ],
)
def test_a_bad_identity_number_is_explained(number: str, says: str) -> None:
    assert says in message_for("identity-number", {**PERSON, "identity-number": number})


def test_a_person_has_no_credit_code_and_a_foreigner_has_a_passport() -> None:
    assert "belongs to companies" in message_for("credit-code", {**PERSON, "credit-code": COMPANY["credit-code"]})
    assert check_form({**FOREIGNER, "identity-number": "C01X00T47"}) == ()
    for number in ("1234", "A" * 21, "A12*45"):
        assert "passport" in message_for("identity-number", {**FOREIGNER, "identity-number": number})


def test_mobile_numbers_outside_the_mainland_begin_with_a_plus() -> None:
    assert "+ and 7 to 15 digits" in message_for("mobile", {**FOREIGNER, "mobile": "91234567"})
    assert check_form({**FOREIGNER, "mobile": "+1234567"}) == ()
    assert bad_fields({**FOREIGNER, "mobile": "+123456"}) == ("mobile",)
    assert bad_fields({**FOREIGNER, "mobile": "+1234567890123456"}) == ("mobile",)


@pytest.mark.parametrize("field", ["name", "contact", "mailbox", "address", "credit-code", "mobile", "country"])
@pytest.mark.parametrize("symbol", [*"\r\n\0\x1b\x85\u2028\u2029\u202e\u2066\u200b\ud800"], ids=ascii)
def test_characters_that_could_smuggle_are_refused_and_never_repeated(field: str, symbol: str) -> None:
    value = COMPANY[field]
    for bad in (value + symbol, symbol + value, value[:1] + symbol + value[1:]):
        message = message_for(field, {**COMPANY, field: bad})
        assert "Type the field anew" in message
        assert message.isprintable()


@pytest.mark.parametrize(
    ("field", "value", "half_width"),
    [
        ("name", "Ａcme Ltd", "'Acme Ltd'"),
        ("credit-code", "９1350100M000100Y43", "'91350100M000100Y43'"),
        ("mobile", "1３800138000", "'13800138000'"),
        ("mailbox", "li.wei＠example.com", "'li.wei@example.com'"),
        ("address", "1\u3000Main Street", "'1 Main Street'"),
    ],
)
def test_full_width_characters_are_told_with_the_half_width_spelling(field: str, value: str, half_width: str) -> None:
    message = message_for(field, {**COMPANY, field: value})
    assert "full-width" in message
    assert half_width in message


def test_the_half_width_spelling_of_a_long_text_is_that_of_the_one_character() -> None:
    assert "type 'B'" in message_for("address", {**COMPANY, "address": "x" * 150 + "Ｂ"})


def test_width_counts_a_chinese_character_twice() -> None:
    assert width("树a") == 3
    assert check_form({**COMPANY, "name": "树" * (NAME_WIDTH // 2)}) == ()
    assert check_form({**COMPANY, "name": "x" * NAME_WIDTH}) == ()
    assert bad_fields({**COMPANY, "name": "x" * (NAME_WIDTH + 1)}) == ("name",)


@pytest.mark.parametrize("answer", [None, "", "maybe", "Yes", True, 1])
def test_the_question_of_the_licence_wants_yes_or_no(answer: object) -> None:
    message = message_for("unknown-field", {**COMPANY, "holds-e-licence": answer})
    assert "'yes' or 'no'" in message
    assert bad_fields({key: text for key, text in COMPANY.items() if key != "holds-e-licence"}) == ("unknown-field",)


def test_unknown_fields_are_named_in_one_message() -> None:
    message = message_for("unknown-field", {**COMPANY, "fax": "1", "a\nb": "", "c": "", "d": ""})
    assert "'fax', 'a\\u000ab', 'c' and 1 more" in message
    assert message.isprintable()
    assert message_for("unknown-field", {"fax": "1"}).count("Form:") == 1


@pytest.mark.parametrize("value", [None, 5, 1.5, True, ["a"], {"a": 1}, b"CN"])
def test_a_value_that_is_no_text_is_told_so(value: object) -> None:
    for field in FORM_FIELDS[:-1]:
        assert "must be text" in message_for(field, {**COMPANY, field: value})


def test_there_are_249_countries() -> None:
    assert len(COUNTRIES) == 249


def test_known_numbers_have_their_published_check_digits() -> None:
    assert credit_code_check_digit("91350100M000100Y4") == "3"  # an example of GB 32100
    assert identity_check_digit("11010519491231002") == "X"  # an example of GB 11643
    assert identity_check_digit("44052418800101001") == "4"


@pytest.mark.parametrize("first17", ["", "1" * 16, "1" * 16 + "I", "１" * 17])
def test_check_digits_of_nonsense_are_errors(first17: str) -> None:
    with pytest.raises(ValueError, match=r"17|not found"):
        credit_code_check_digit(first17)
    with pytest.raises(ValueError, match="17 digits"):
        identity_check_digit(first17)


@given(credit_codes, plain_names, plain_names)
def test_every_valid_company_passes(code: str, name: str, contact: str) -> None:
    assert check_form({**COMPANY, "credit-code": code, "name": name, "contact": contact}) == ()


@given(identity_numbers())
def test_every_valid_person_passes(number: str) -> None:
    assert check_form({**PERSON, "identity-number": number}) == ()


@given(credit_codes, st.integers(0, 17), st.sampled_from(CREDIT_SYMBOLS))
def test_one_changed_symbol_of_a_credit_code_is_caught(code: str, place: int, symbol: str) -> None:
    changed = code[:place] + symbol + code[place + 1 :]
    assert (bad_fields({**COMPANY, "credit-code": changed}) == ("credit-code",)) is (changed != code)


@given(identity_numbers(), st.integers(0, 17), st.sampled_from("0123456789X"))
def test_one_changed_digit_of_an_identity_number_is_caught(number: str, place: int, digit: str) -> None:
    changed = number[:place] + digit + number[place + 1 :]
    assert (bad_fields({**PERSON, "identity-number": changed}) == ("identity-number",)) is (changed != number)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()) | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
known_keys = st.sampled_from(["holds-e-licence", *FORM_FIELDS])


@given(st.dictionaries(known_keys | st.text() | st.integers(), anything | st.sampled_from(["company", "person", "CN"])))
def test_it_never_raises_and_speaks_in_order(form: Form) -> None:
    errors = check_form(form)
    assert [error.field for error in errors] == [field for field in FORM_FIELDS if field in bad_fields(form)]
    for error in errors:
        assert isinstance(error, FieldError)
        assert error.message.isprintable()
        assert len(error.message) < 400
        assert error.message.endswith(".")


@given(st.text(st.characters()))
def test_any_text_in_any_field_is_judged_without_raising(text: str) -> None:
    for field in FORM_FIELDS[:-1]:
        assert set(bad_fields({**PERSON, field: text})) <= set(FORM_FIELDS)


@given(st.text("ab.@ ,;:<>\"\\\r\n-1", max_size=12).map(lambda text: text + "@example.com") | st.emails())
def test_whatever_passes_as_mailbox_is_one_plain_address(text: str) -> None:
    if check_form({**PERSON, "mailbox": text}) == ():
        local, domain = text.split("@")
        assert local
        assert "." in domain
        assert all("!" <= symbol <= "~" and symbol not in ' ,;:<>()[]"\\' for symbol in text)


def test_chinese_punctuation_belongs_in_chinese_names_and_addresses() -> None:
    written = {"name": "杭州（西溪）茶业有限公司", "address": "浙江省杭州市，文二路1号"}
    assert [e.field for e in check_form({**COMPANY, **written})] == []
    assert [e.field for e in check_form({**COMPANY, "mailbox": "li.wei＠xixi-tea.example"})] == ["mailbox"]
    assert [e.field for e in check_form({**COMPANY, "name": "杭州茶业２店"})] == ["name"]
