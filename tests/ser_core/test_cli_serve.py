"""`ser app` before Streamlit takes over: busy ports, and the address that it prints."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from test_cli import one_sentence
from typer.testing import CliRunner

from ser_core.cli import app
from ser_core.cli.serve import address, server_settings

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_a_busy_port_is_told_before_an_address(host: str) -> None:
    with socket.socket() as other:
        other.bind((host, 0))
        other.listen()
        port = other.getsockname()[1]
        result = CliRunner().invoke(app, ["app", "--port", str(port), "--headless"])
    assert result.exit_code == 2
    assert result.stdout == ""
    assert one_sentence(result.stderr)
    assert f"Port {port} is taken" in result.stderr


def test_address() -> None:
    assert address({}, 8501) == "http://localhost:8501"
    assert address({"baseUrlPath": "/ser/"}, 80) == "http://localhost:80/ser"
    assert address({"address": "::", "sslCertFile": "a.pem"}, 1) == "https://localhost:1"
    assert address({"address": "192.168.0.2"}, 8501) == "http://192.168.0.2:8501"


def test_settings_of_files_and_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("home", "clone", "broken"):
        (tmp_path / name / ".streamlit").mkdir(parents=True)
        (tmp_path / name / ".streamlit" / "config.toml").write_text(
            "[server" if name == "broken" else f'[server]\nbaseUrlPath = "{name}"\n'
        )
    folders = [tmp_path / name for name in ("home", "clone", "broken", "absent")]
    assert server_settings(folders) == {"baseUrlPath": "clone"}
    monkeypatch.setenv("STREAMLIT_SERVER_BASE_URL_PATH", "proxy/ser")
    assert server_settings(folders) == {"baseUrlPath": "proxy/ser"}


def test_the_printed_address_answers(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "ser_core.cli", "app", "--port", str(port), "--headless"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
        env={**os.environ, "STREAMLIT_SERVER_BASE_URL_PATH": "lab/ser"},
    )
    try:
        assert process.stdout is not None
        url = process.stdout.readline().decode().split()[4]
        assert url == f"http://localhost:{port}/lab/ser"
        assert _answers(f"{url}/_stcore/health")
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def _answers(url: str) -> bool:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(url, timeout=10) as response:
                return bool(response.status == 200)
        except OSError:
            time.sleep(0.5)
    return False
