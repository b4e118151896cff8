"""The office's HTML pages: homepage, and the page at a download address.

They explain and link; no page does anything by itself, and none needs a script. Acts are the driver's, over the
protocol. Everything that is put into a page is escaped. Send `PAGE_HEADERS` with each: an address is a secret, so
neither a cache nor the Referer of a next page may keep it.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["PAGE_HEADERS", "homepage", "landing"]

PAGE_HEADERS = {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
"""Headers for every HTML answer."""


def homepage(origin: str, notices: Iterable[Mapping[str, Any]]) -> str:
    """The homepage: question of c03 and c04, the source's own buttons, the steps in order, the notices in full.

    `origin` is the configured one, never what a request says. Each notice has `id`, `title` and `text`, as in the
    answer to `GET /notice`.
    """
    return _render("homepage.html", origin=origin, notices=list(notices))


@cache
def landing(link_visit: Literal["page", "burns"] = "page") -> str:
    """What a browser sees at any download address, whatever its state, so that a stranger learns nothing from it.

    `link_visit` is the policy's: only where a visit burns the address does the page not say that nothing changed.
    """
    return _render("landing.html", burns=link_visit == "burns")


def _render(template: str, **values: Any) -> str:
    return _templates().get_template(template).render(values)


@cache
def _templates() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined  # late: it costs a command line its start

    return Environment(loader=PackageLoader("softcert_ca"), autoescape=True, undefined=StrictUndefined)
