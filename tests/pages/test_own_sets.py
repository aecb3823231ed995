"""Clips of one's own, brought to one page and offered on all."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import soundfile
from fixtures import tone
from reading import said, view
from streamlit.testing.v1 import AppTest

from pages import _own_sets as own_sets
from ser_core.errors import SerError

PARTS = ["disagreement", "figures", "confusion", "calibration", "dimensions", "groups"]
OpenPage = Callable[..., AppTest]


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, bytes]:
    """Eight recordings without labels, one that is broken."""
    monkeypatch.delenv("SER_DATA", raising=False)
    monkeypatch.setenv("SER_CACHE", str(tmp_path / "cache"))
    for number in range(8):
        samples = tone(("happy", "sad")[number % 2], 0.8, number)
        soundfile.write(tmp_path / f"{number}.wav", samples, 16_000)
    (tmp_path / "broken.wav").write_bytes(b"RIFF nonsense")
    return {path.name: path.read_bytes() for path in sorted(tmp_path.glob("*.wav"))}


def table(*categories: str) -> bytes:
    lines = ["file,category,speaker,transcript"]
    lines += [f"{k}.wav,{categories[k % len(categories)]},s{k % 2},So it is." for k in range(8)]
    return "\n".join(lines).encode()


def open_own(open_page: OpenPage, files: dict[str, bytes], part: str) -> AppTest:
    at = open_page()
    at.session_state["own_uploads"] = files
    options = {"evaluation.source": "own", "own.set": "upload", "evaluation.part": part}
    at.session_state["view"] = replace(view(at), options=tuple(sorted(options.items())))
    at.switch_page("pages/evaluation.py").run()
    at.button(key="evaluation_predict").click().run()
    return finished(at)


def finished(at: AppTest) -> AppTest:
    for _ in range(400):
        if not any("Cancel" in button.label for button in at.button):
            return at
        at.run()
    raise AssertionError("the job does not end")


@pytest.mark.parametrize(
    "labels",
    [None, table("sad"), table("happy", "sad")],
    ids=["no labels", "one class", "two classes"],
)
def test_every_part_shows_figures_or_a_sentence(
    open_page: OpenPage, files: dict[str, bytes], labels: bytes | None
) -> None:
    at = open_own(open_page, files | ({"labels.csv": labels} if labels else {}), PARTS[0])
    assert "1 clip is left out (broken.wav)" in said(at)
    assert len(at.dataframe[0].value) == 8
    assert at.dataframe[0].value["Sound"].str.contains("Play").all()
    for part in PARTS[1:]:
        finished(at.segmented_control(key="evaluation_part").set_value(part).run())
        assert not at.exception
        assert at.get("plotly_chart") or at.info, part
        if not labels:
            assert not at.get("plotly_chart"), part


def test_an_upload_is_offered_on_all_pages_of_the_survey(
    open_page: OpenPage, files: dict[str, bytes]
) -> None:
    at = open_page()
    at.session_state["own_uploads"] = files | {"labels.csv": table("sad")}
    options = (("behaviour.source", "own"), ("evaluation.source", "own"))
    at.session_state["view"] = replace(view(at), options=options)
    for page, key in (("map", "map_clips"), ("evaluation", "own_set"), ("behaviour", "own_set")):
        at.switch_page(f"pages/{page}.py").run()
        assert not at.exception
        assert "Your upload" in at.selectbox(key=key).options


def test_what_is_chosen_on_the_map_is_chosen_elsewhere(
    open_page: OpenPage, files: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("first", "second"):
        (tmp_path / "data" / name).mkdir(parents=True)
    monkeypatch.setenv("SER_DATA", str(tmp_path / "data"))
    at = open_page()
    at.session_state["view"] = replace(view(at), options=(("map.clips", "second"),))
    at.switch_page("pages/map.py").run()
    at.session_state["view"] = replace(
        view(at),
        options=tuple(sorted({**dict(view(at).options), "evaluation.source": "own"}.items())),
    )
    at.switch_page("pages/evaluation.py").run()
    assert at.selectbox(key="own_set").value == "second"


def test_nothing_brought_is_one_sentence() -> None:
    with pytest.raises(SerError, match="no recordings"):
        own_sets.corpus_of(own_sets.UPLOAD)
