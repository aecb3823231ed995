"""`ser app`: the pages in a browser."""

import errno
import os
import socket
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from ser_core.cli.options import Checkpoints, readable
from ser_core.errors import SerError

# Streamlit's settings of `[server]` that change its address, as its environment names them.
_VARIABLES = {
    "baseUrlPath": "STREAMLIT_SERVER_BASE_URL_PATH",
    "address": "STREAMLIT_SERVER_ADDRESS",
    "sslCertFile": "STREAMLIT_SERVER_SSL_CERT_FILE",
}
_ALL = ("", "0.0.0.0", "::")  # every address of the machine


@readable
def run_app(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8501,
    headless: Annotated[bool, typer.Option(help="Do not open a browser.")] = False,
    checkpoints: Checkpoints = None,
    data: Annotated[
        Path | None,
        typer.Option(help="Folder of corpora: their clips can be played on the map, and mapped."),
    ] = None,
) -> None:
    """Start the web app and print its address."""
    script = Path(__file__).resolve().parents[2] / "app.py"
    if not script.is_file():
        raise SerError("The app is not here: run `ser app` from a clone installed with `make`.")
    environment = dict(os.environ)
    if checkpoints:
        environment["SER_CHECKPOINTS"] = str(checkpoints.resolve())
    if data:
        if not data.is_dir():
            raise SerError(f"{data} is no folder: give the one that holds the corpora.")
        environment["SER_DATA"] = str(data.resolve())
    settings = server_settings([Path.home(), script.parent])
    require_free(settings.get("address", ""), port)
    command = [sys.executable, "-m", "streamlit", "run", str(script)]
    command += [f"--server.port={port}", f"--server.headless={str(headless).lower()}"]
    command += ["--logger.hideWelcomeMessage=true"]  # it advertises; the address is all one needs
    typer.echo(f"The app is at {address(settings, port)} (Ctrl + C ends it).")
    sys.stdout.flush()
    # Streamlit reads .streamlit/config.toml from the folder that it is started in.
    os.chdir(script.parent)
    # In place of this process: whoever ends it ends Streamlit.
    os.execve(sys.executable, command, environment)


def server_settings(folders: Iterable[Path]) -> dict[str, str]:
    """Streamlit's settings that change the address: from files, the last first, and environment.

    Args:
        folders: in whose `.streamlit/config.toml` Streamlit looks.
    """
    found: dict[str, Any] = {}
    for folder in folders:
        try:
            content = tomllib.loads((folder / ".streamlit" / "config.toml").read_text("utf-8"))
        except (OSError, ValueError):  # Streamlit itself says what is wrong with it
            continue
        server = content.get("server")
        found |= server if isinstance(server, dict) else {}
    found |= {name: os.environ[key] for name, key in _VARIABLES.items() if os.environ.get(key)}
    return {name: str(found[name]) for name in _VARIABLES if found.get(name)}


def address(settings: dict[str, str], port: int) -> str:
    """Where the app is, by `server_settings`."""
    scheme = "https" if "sslCertFile" in settings else "http"
    host = settings.get("address", "")
    host = "localhost" if host in _ALL else f"[{host}]" if ":" in host else host
    path = settings.get("baseUrlPath", "").strip("/")
    return f"{scheme}://{host}:{port}" + (f"/{path}" if path else "")


def require_free(host: str, port: int) -> None:
    """Check that a port can be listened on.

    Raises:
        SerError: another program does, or the port is not for this user.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        if os.name == "posix":  # else a port that was left a moment ago counts as taken
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise SerError(
                    f"Port {port} is taken by another program, perhaps by the app itself: give "
                    f"another one, such as --port {port + 1 if port < 65535 else 8501}."
                ) from error
            if error.errno == errno.EACCES:
                raise SerError(
                    f"Port {port} may not be listened on: give one above 1023, such as --port 8501."
                ) from error
            # Of another kind, such as a host that is unknown: Streamlit says it.
