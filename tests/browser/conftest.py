"""Pages in the one Chromium of the tests, which may neither err nor ask a server."""

import pytest
from browser_shell import made_up, save


@pytest.fixture
def visit(chromium):
    """Opens an address in a fresh page, ready to use. At the end no page may have erred or asked a server."""
    contexts, faults = [], []

    def open_page(url, *, ready=True, init=None, width=1280, height=900, **options):
        context = chromium.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: faults.append(f"error: {error}"))
        page.on("console", lambda message: faults.append(f"console: {message.text}"))
        page.on("dialog", lambda dialog: (faults.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on("request", lambda request: check(request.url))
        if init:
            page.add_init_script(init)
        page.goto(url)
        if ready:
            page.wait_for_selector("#browser[data-ready]")
        return page

    def check(url):
        if not url.startswith(("file:", "data:")):
            faults.append(f"request: {url}")

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture(scope="session")
def rows():
    """The made-up rows; no test changes them."""
    return made_up()


@pytest.fixture(scope="session")
def url(rows, tmp_path_factory):
    """The page of the made-up rows."""
    return save(tmp_path_factory.mktemp("page"), rows)
