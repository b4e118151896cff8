"""The pages as a browser without scripts reads them."""

from html.parser import HTMLParser

import pytest

from softcert.rules.catalogue import INITIAL_PIN
from softcert_ca.notices import NOTICES
from softcert_ca.pages import PAGE_HEADERS, homepage, landing

ORIGIN = "https://office.example"
PUBLISHED = [{"id": key, "title": title, "text": text} for key, (title, text) in NOTICES.items()]
EMPTY = {"meta", "br", "hr", "img", "input", "link"}


class Page(HTMLParser):
    """Links with their texts, ids, tags and visible text; remembers tags that are not closed in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[tuple[str, str]] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert self._open == [], "every tag is closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        self.attributes.extend(given.items())
        if "id" in given:
            self.ids.append(given["id"])
        if tag == "a":
            self.links.append((given["href"], ""))
        if tag not in EMPTY:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" in self._open:
            return
        self.text += data
        if "a" in self._open:
            href, text = self.links[-1]
            self.links[-1] = (href, text + data)

    @property
    def words(self) -> str:
        return " ".join(self.text.split())


def home() -> Page:
    return Page(homepage(ORIGIN, PUBLISHED))


ALL_PAGES = {
    "homepage": homepage(ORIGIN, PUBLISHED),
    "landing": landing(),
    "landing-burns": landing("burns"),
}


@pytest.mark.parametrize("html", ALL_PAGES.values(), ids=ALL_PAGES.keys())
def test_pages_work_without_scripts_forms_or_anything_from_elsewhere(html: str) -> None:
    page = Page(html)
    assert not {"script", "form", "img", "link", "iframe"} & set(page.tags)
    assert not [name for name, _ in page.attributes if name.startswith("on") or name in ("src", "style")]
    assert all(href.startswith(("#", ORIGIN + "/")) for href, _ in page.links)
    assert len(page.ids) == len(set(page.ids))
    assert ("name", "viewport") in page.attributes
    assert "prefers-color-scheme: dark" in html
    assert "no service of any trademark office" in page.words


def test_links_within_the_homepage_arrive_somewhere() -> None:
    page = home()
    assert {href[1:] for href, _ in page.links if href.startswith("#")} <= set(page.ids)


def test_the_homepage_asks_for_this_computer_before_anything_else() -> None:
    page = home()
    question = page.words.index("Please confirm whether you want to use this computer")
    assert question < page.words.index("Register Now")
    answers = [href for href, text in page.links if text.startswith(("Yes", "No"))]
    assert answers == ["#steps", "#other-computer"]
    assert "Change to the computer that you want to use" in page.words


def test_the_homepage_has_the_buttons_of_the_source() -> None:
    texts = [text for _, text in home().links]
    wanted = [
        "Register Now 立即注册",
        "Soft Certificate Backup 软证书备份",
        "Soft Certificate Recovery 软证书恢复",
        "apply 申请",
    ]
    assert [text for text in texts if text in wanted] == wanted


def test_register_now_leads_to_the_right_notice_which_ends_in_apply() -> None:
    page = home()
    register = next(href for href, text in page.links if text.startswith("Register Now"))
    assert register == "#notice-without-e-licence"
    notice = homepage(ORIGIN, PUBLISHED).split('id="notice-without-e-licence"')[1].split("</article>")[0]
    assert notice.rstrip().endswith("apply 申请</a></p>")
    other = homepage(ORIGIN, PUBLISHED).split('id="notice-with-e-licence"')[1].split("</article>")[0]
    assert "apply 申请" not in other


def test_the_steps_stand_in_the_order_of_the_process() -> None:
    ids = home().ids
    order = ["this-computer", "driver", "read-notice", "apply-step", "code", "mailbox", "download", "pin", "login"]
    assert [name for name in ids if name in order] == order
    assert ids.index("login") < ids.index("backup") < ids.index("recovery")


def test_the_homepage_shows_what_is_published_and_escapes_it() -> None:
    evil = "<script>alert(1)</script>"
    html = homepage(f'https://office.example/"{evil}', [{"id": f'x"{evil}', "title": evil, "text": f"a\n\n{evil}"}])
    page = Page(html)
    assert "script" not in page.tags
    assert page.words.count(evil) >= 3
    assert "alert(1)" not in Page(homepage(ORIGIN, [])).words


def test_notices_are_shown_word_for_word() -> None:
    for notice in PUBLISHED:
        assert notice["title"] in home().words
        assert " ".join(notice["text"].split()) in home().words


def test_the_page_at_an_address_says_what_to_do() -> None:
    words = Page(landing()).words
    for told in (
        "Opening this page changed nothing",
        "the computer on which the application was submitted",
        "Give it to the driver there",
        "It works once",
        "This page is the same for every address",
    ):
        assert told in words


def test_where_a_visit_burns_the_address_the_page_does_not_deny_it() -> None:
    words = Page(landing("burns")).words
    assert "changed nothing" not in words
    assert "used the address up" in words


def test_no_page_lets_an_address_leak() -> None:
    assert PAGE_HEADERS["referrer-policy"] == "no-referrer"
    assert PAGE_HEADERS["cache-control"] == "no-store"
    for html in ALL_PAGES.values():
        assert '<meta name="referrer" content="no-referrer">' in html


def test_the_notice_of_this_process_has_the_title_of_the_source_and_covers_its_clauses() -> None:
    title, text = NOTICES["without-e-licence"]
    assert title == (
        "Application Matters of Trademark Digital Certificate-Application Process for Trademark Applicants "
        "without Electronic Business License"
    )
    order = [
        "same computer only", "driver", "'Register Now'", "'apply'", "truthfully", "activation code", "never disclose",
        "address works once", INITIAL_PIN, "First login", "activate the certificate", "'Soft Certificate Backup'",
        "removable hard disk", "'Soft Certificate Recovery'",
    ]  # fmt: skip
    places = [text.index(words) for words in order]
    assert places == sorted(places)
    assert len(text) < 4000, "one or two screens"


def test_the_other_notice_sends_its_reader_away() -> None:
    title, text = NOTICES["with-e-licence"]
    assert title != NOTICES["without-e-licence"][0]
    assert title.endswith("with Electronic Business License")
    assert "choose the process for holders of an electronic business licence" in text
