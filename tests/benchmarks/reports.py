"""The report of all shipped scenarios: what it costs to collect and to write, how large it is, and how soon it shows.

First paint is measured in Chromium, if there is one and playwright is installed: the least of several openings from disk.
"""

import shutil
import tempfile
import time
from pathlib import Path

from measure import Figure

from softcert_sim.product import product
from softcert_sim.report.page import to_html
from softcert_sim.results import Results
from softcert_sim.runner import Options, load
from softcert_sim.stage import Setting, Stage

PAINTED = "performance.getEntriesByName('first-contentful-paint').map((entry) => entry.startTime)[0]"
STORY = "async () => { const began = performance.now(); await showScenario(%s, 1); return performance.now() - began; }"


def measure(quick: bool) -> list[Figure]:
    """Milliseconds, bytes."""
    scenarios = load([], Options(), product())[: 40 if quick else None]
    _run(scenarios, scenes=False)  # caches are filled
    without = _run(scenarios, scenes=False)[0]
    seconds, results = _run(scenarios, scenes=True)
    began = time.process_time()
    html = to_html(results)
    written = time.process_time() - began
    count = len(scenarios)
    return [
        Figure("report-collect", "what a report adds to a scenario's run", (seconds - without) / count * 1e3, "ms"),
        Figure("report-write", "writing the report", written, "s", note=f"{count} scenarios"),
        Figure("report-size", "size of the report", len(html.encode()) / 1e6, "MB", 2, "at most"),
        *_in_browser(html, 2 if quick else 5),
    ]


def _run(scenarios, *, scenes: bool) -> tuple[float, Results]:
    stage = Stage(product(), Setting(scenes=scenes))
    began = time.process_time()
    results = [stage.run(scenario) for scenario in scenarios]
    took = time.process_time() - began
    stage.close()
    return took, Results(1, results, complete=True)


def _in_browser(html: str, times: int) -> list[Figure]:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        chromium = None
    if chromium is None:
        return []
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as control:
        file = Path(folder) / "report.html"
        file.write_text(html, encoding="utf-8")
        browser = control.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        painted: list[float] = []
        for _ in range(times):
            page = browser.new_page(bypass_csp=True)  # Playwright evaluates text, which the page forbids
            page.goto(file.as_uri())
            page.wait_for_function(PAINTED)
            painted.append(page.evaluate(PAINTED))
        story = page.evaluate(STORY % "[...packed.keys()][0]")
        browser.close()
    return [
        Figure("report-first-paint", "first paint of the report", min(painted) / 1e3, "s", 1, "at most"),
        Figure("report-first-story", "opening the first story", story / 1e3, "s"),
    ]
