"""A real server and a real Chromium, with small models instead of the shipped ones."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from tiny import write_checkpoints

ROOT = Path(__file__).parents[2]
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WAIT_MS = 120_000  # patience, not duration: every wait ends when what it waits for is there
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.timeout(600))


@pytest.fixture(scope="session")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A spoken example as WAV: what the fake microphone plays, and what is uploaded."""
    import soundfile

    from ser_core.synthesis.examples import load_examples

    spoken = next(example for example in load_examples() if example.transcript)
    samples, rate = soundfile.read(spoken.path)
    path = tmp_path_factory.mktemp("recording") / "spoken.wav"
    soundfile.write(path, samples, rate, subtype="PCM_16")
    return path


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The page, served on a free port of this machine only."""
    folder = tmp_path_factory.mktemp("server")
    checkpoints = write_checkpoints(folder / "checkpoints")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "ser_core.cli", "app", "--headless", f"--port={port}"]
    command += [f"--checkpoints={checkpoints}"]
    log = folder / "log.txt"
    with log.open("wb") as output:
        server = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, "STREAMLIT_SERVER_ADDRESS": "127.0.0.1"},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_for(f"http://127.0.0.1:{port}/_stcore/health", server, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=30)
    with socket.socket() as left:
        assert left.connect_ex(("127.0.0.1", port)), "the app outlives the command"
    assert "Traceback" not in log.read_text(errors="replace"), log.read_text(errors="replace")


@pytest.fixture(scope="session")
def browser(recording: Path) -> Iterator[Browser]:
    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if found is None:
        pytest.skip(f"none of {', '.join(CHROMIUM)} is installed")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=found,
            args=[
                *QUIET,
                "--use-fake-device-for-media-stream",
                "--use-fake-ui-for-media-stream",
                f"--use-file-for-fake-audio-capture={recording}",
            ],
        )
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """The app as a new visitor finds it, once its first results are there."""
    expect.set_options(timeout=WAIT_MS)
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, permissions=["microphone"], accept_downloads=True
    )
    context.set_default_timeout(WAIT_MS)
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    outside: list[str] = []
    context.on("request", lambda request: outside.append(request.url))
    page.goto(address)
    yield page
    context.close()
    assert not problems
    here = (address, address.replace("http", "ws"), "data:", "blob:")
    assert [url for url in outside if not url.startswith(here)] == []


def _wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"The server did not start:\n{log.read_text(errors='replace')}")
