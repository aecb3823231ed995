"""`ser app`: the pages in a browser."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from ser_core.cli.options import Checkpoints, readable
from ser_core.errors import SerError


@readable
def run_app(
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8501,
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
    command = [sys.executable, "-m", "streamlit", "run", str(script)]
    command += [f"--server.port={port}", f"--server.headless={str(headless).lower()}"]
    command += ["--logger.hideWelcomeMessage=true"]  # it advertises; the address is all one needs
    typer.echo(f"The app is at http://localhost:{port} (Ctrl + C ends it).")
    sys.stdout.flush()
    # Streamlit reads .streamlit/config.toml from the folder that it is started in.
    os.chdir(script.parent)
    # In place of this process: whoever ends it ends Streamlit.
    os.execve(sys.executable, command, environment)
