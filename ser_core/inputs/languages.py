"""Languages by their codes, as Whisper has them."""

READ = ("en",)  # what the text models read: their encoder and their training texts are English


def language_name(code: str) -> str:
    """`de` -> `German`; a code that Whisper does not know as it is."""
    from ser_core.inputs import torchaudio_guard  # noqa: F401  (before transformers, see there)

    # isort: split
    from transformers.models.whisper.tokenization_whisper import LANGUAGES

    return str(LANGUAGES.get(code, code)).title()
