"""Miniature trees of the corpora, faithful to their layouts, with the traps that each of them has.

Clips are short noise. Every function makes a tree below a folder and returns its root.
"""

import csv
import json
from pathlib import Path

import av
import numpy as np
import pandas as pd
import soundfile

from ser_core.corpora.table import Corpus

LFS_POINTER = (
    "version https://git-lfs.github.com/spec/v1\n"
    "oid sha256:c6f94b2592487c7556bd86df7df6e8f4420d1b9c11414aeec9d8e5e640b51495\nsize 72862\n"
)


def noise(seconds: float, rate: int, channels: int = 1) -> np.ndarray:
    shape = (round(seconds * rate), channels)
    return np.random.default_rng(0).uniform(-0.1, 0.1, shape).astype(np.float32)


def wav(path: Path, seconds: float = 0.2, rate: int = 16_000, channels: int = 1) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, noise(seconds, rate, channels), rate)
    return path


def mp4(path: Path, seconds: float = 0.5) -> Path:
    """A film with AAC sound (the picture is left out)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=16_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(noise(seconds, 16_000).T, format="fltp", layout="mono")
        frame.sample_rate = 16_000
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
    return path


def text(path: Path, content: str, encoding: str = "utf-8") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode(encoding))
    return path


def cut(path: Path, size: int = 3_000) -> Path:
    """Cut a file off after so many bytes, as a download that broke."""
    path.write_bytes(path.read_bytes()[:size])
    return path


def row(corpus: Corpus, item: str) -> dict[str, object]:
    """The row of an id."""
    rows = corpus.table[corpus.table["id"] == item].to_dict("records")
    assert len(rows) == 1, f"{item} is {len(rows)} times in the table"
    return rows[0]


def reasons(corpus: Corpus) -> dict[str, str]:
    """Items left out -> why."""
    return {item.item: item.reason for item in corpus.skipped}


def gaps(corpus: Corpus) -> dict[str, str]:
    """Items kept with a gap -> which."""
    return {item.item: item.reason for item in corpus.missing}


# --- IEMOCAP ---------------------------------------------------------------------------------

_RATERS = (
    "C-E2:\tNeutral;\t()\nC-E3:\tFrustration; Anger;\t(mildly aggravated, caf\xe9)\n"
    "C-F1:\tHappiness;\t()\nA-E3:\tval 1; act 5; dom  1;\t()\nA-F1:\tval 5; act 5; dom  5;\t()\n"
)


def consensus(
    start: float, end: float, turn: str, emotion: str, vad: tuple[float, float, float]
) -> str:
    ratings = ", ".join(f"{value:.4f}" for value in vad)
    return f"[{start:.4f} - {end:.4f}]\t{turn}\t{emotion}\t[{ratings}]\n{_RATERS}\n"


def iemocap_dialog(
    root: Path, dialog: str, turns: dict[str, tuple[str, tuple[float, float, float]]]
) -> Path:
    """Evaluation, transcript and clips of a dialogue; returns its evaluation file."""
    session = root / f"Session{dialog[4]}"
    lines = ["% [START_TIME - END_TIME] TURN_NAME EMOTION [V, A, D]\n\n"]
    words = []
    for number, (turn, (emotion, vad)) in enumerate(turns.items()):
        start = 6.2901 + 4 * number
        lines.append(consensus(start, start + 1.9456, f"{dialog}_{turn}", emotion, vad))
        words.append(f"{dialog}_{turn} [{start:08.4f}-{start + 1.9456:08.4f}]: Words of {turn}.\n")
        wav(session / "sentences" / "wav" / dialog / f"{dialog}_{turn}.wav")
        aligned = session / "sentences" / "ForcedAlignment" / dialog / f"{dialog}_{turn}.wdseg"
        text(aligned, "\t SFrm\tEFrm\tSegAScr\tWord\n")
    text(session / "dialog" / "transcriptions" / f"{dialog}.txt", "".join(words))
    wav(session / "dialog" / "wav" / f"{dialog}.wav", channels=2)
    text(session / "dialog" / "lab" / f"Ses{dialog[3:5]}_F" / f"{dialog}.lab", "6.29 8.24 F000\n")
    evaluation = session / "dialog" / "EmoEvaluation" / f"{dialog}.txt"
    return text(evaluation, "".join(lines), "latin-1")


def iemocap(folder: Path) -> Path:
    root = folder / "IEMOCAP_full_release"
    iemocap_dialog(
        root,
        "Ses01F_impro01",
        {
            "F000": ("neu", (2.5, 3.5, 4.5)),
            "M000": ("exc", (4.0, 4.0, 3.0)),
            "M001": ("hap", (5.0, 1.0, 3.0)),
            "F001": ("xxx", (3.0, 3.0, 3.0)),
            "F002": ("fru", (1.5, 4.0, 4.0)),
        },
    )
    iemocap_dialog(root, "Ses01M_script01_1b", {"F000": ("sad", (2.0, 2.0, 2.0))})
    iemocap_dialog(root, "Ses02F_impro03a", {"M000": ("ang", (1.0, 5.0, 5.0))})
    iemocap_dialog(root, "Ses03M_script02_2", {"M012": ("neu", (3.0, 2.0, 3.0))})
    iemocap_dialog(root, "Ses04F_script03_1", {"F000": ("neu", (3.0, 2.0, 3.0))})
    iemocap_dialog(root, "Ses05M_impro08b", {"F010": ("sad", (2.0, 2.0, 2.0))})

    # Words: a colon and `]:` in the text, a tag, Latin-1, a line without an id, unrated turns.
    first = root / "Session1" / "dialog"
    text(
        first / "transcriptions" / "Ses01F_impro01.txt",
        "Ses01F_impro01_F000 [006.2901-008.2357]: He said [sic]: note: me.\n"
        "M: Yeah.\n"
        "Ses01F_impro01_MXX0 [009.0000-009.5000]: Uh-huh.\n"
        "Ses01F_impro01_M000 [010.2901-012.2357]: [LAUGHTER] A caf\xe9\x85 with you.\n"
        "Ses01F_impro01_M001 [014.2901-016.2357]: Great.\n"
        "Ses01F_impro01_F001 [018.2901-020.2357]: Hm.\n"
        "Ses01F_impro01_F002 [022.2901-024.2357]: Come on!\n",
        "latin-1",
    )
    wav(root / "Session1/sentences/wav/Ses01F_impro01/Ses01F_impro01_MXX0.wav")
    text(root / "README.txt", "IEMOCAP database\n")
    text(root / "Documentation" / "annotation.txt", "[1.0000 - 2.0000]\tno consensus line\n")
    # What macOS leaves behind, and the single raters in folders of their own.
    text(first / "EmoEvaluation" / "._Ses01F_impro01.txt", "\x00\x05\x16\x07\n[broken\n")
    wav(root / "Session1/sentences/wav/Ses01F_impro01/._Ses01F_impro01_F000.wav")
    text(
        first / "EmoEvaluation" / "Self-evaluation" / "Ses01F_impro01_f1_atr.txt",
        "Ses01F_impro01_F000 :act 1; :val 1; :dom 1;\n",
    )
    text(
        first / "EmoEvaluation" / "Categorical" / "Ses01F_impro01_e2_cat.txt",
        "Ses01F_impro01_F000 :Anger; :Frustration; ()\n",
    )
    text(
        first / "EmoEvaluation" / "Attribute" / "Ses01F_impro01_e1_atr.txt",
        "Ses01F_impro01_F000 :act 5; :val 5; :dom 5;\n",
    )
    text(first / "EmoEvaluation" / "Attribute" / "Ses01F_impro01_e1.anvil", "<annotation/>\n")
    return root


# --- MSP-Podcast -----------------------------------------------------------------------------

MSP_HEADER = "FileName,EmoClass,EmoAct,EmoVal,EmoDom,SpkrID,Gender,Split_Set"
MSP_LABELS = {
    "MSP-PODCAST_0001_0008": ("N", "2.2", "4.0", "2.6", "30", "Male", "Train"),
    "MSP-PODCAST_0001_0019": ("A", "7.0", "1.0", "5.5", "30", "Male", "Train"),
    "MSP-PODCAST_1234_0123_0001": ("H", "5.2", "6.4", "4.6", "7", "Female", "Development"),
    "MSP-PODCAST_0002_0001": ("S", "1.6", "2.2", "3.0", "Unknown", "Unknown", "Test1"),
    "MSP-PODCAST_0003_0001": ("X", "4.0", "4.0", "4.0", "Unknown", "Female", "Test1"),
    "MSP-PODCAST_0004_0001": ("C", "4.8", "3.0", "5.0", "12", "Female", "Test2"),
    "MSP-PODCAST_1023_0235": ("U", "5.0", "5.0", "4.0", "12", "Female", "Test2"),
}
MSP_HIDDEN = "MSP-PODCAST_0009_0001"  # a turn of Test3, whose labels are not published


def msp_csv(labels: dict[str, tuple[str, ...]] = MSP_LABELS) -> str:
    lines = (",".join((f"{name}.wav", *values)) for name, values in labels.items())
    return "\n".join((MSP_HEADER, *lines)) + "\n"


def msp_podcast(folder: Path, release: str = "1.11") -> Path:
    """`1.8`: misspelt labels file, Audio/, Validation; `json`: no CSV; else as since 1.10."""
    root = folder / f"MSP-PODCAST-{release}"
    old = release == "1.8"
    labels = msp_csv()
    if old:
        labels = labels.replace("Development", "Validation")
    if release == "json":
        names = MSP_HEADER.split(",")[1:]
        content = {
            f"{name}.wav": {
                key: float(value) if key in ("EmoAct", "EmoVal", "EmoDom") else value
                for key, value in zip(names, values, strict=True)
            }
            for name, values in MSP_LABELS.items()
        }
        text(root / "Labels" / "labels_consensus.json", json.dumps(content))
    else:
        spelling = "labels_concensus.csv" if old else "labels_consensus.csv"
        text(root / "Labels" / spelling, labels)
    text(
        root / "Labels" / "labels.txt",
        "MSP-PODCAST_0001_0008.wav; N; A:2.200000; V:4.000000; D:2.600000;\n"
        "WORKER00000001; Neutral; Neutral; A:3.000000; V:3.000000; D:4.000000;\n",
    )
    text(
        root / "Labels" / "labels_detailed.csv",
        "FileName,EmoDetail\nMSP-PODCAST_0001_0008.wav,"
        '"WORKER00000001; Other; Concerned,Confused; A:3.000000; V:3.000000; D:4.000000;"\n',
    )
    text(root / "readme.txt", "MSP-Podcast corpus\n")
    text(root / "Speaker_ids.txt", "MSP-PODCAST_0001_0008.wav; 99\n")
    audio = root / ("Audio" if old else "Audios")
    for name in MSP_LABELS:
        wav(audio / f"{name}.wav")
    wav(audio / "MSP-PODCAST_1023_0235.wav", rate=44_100, channels=2)
    lines = [f"{values[-1]}; {name}.wav" for name, values in MSP_LABELS.items()]
    if not old:
        wav(audio / f"{MSP_HIDDEN}.wav")
        lines.append(f"Test3; {MSP_HIDDEN}.wav")
        for name in [*MSP_LABELS, MSP_HIDDEN][1:]:  # not every turn has a transcript
            text(root / "Transcripts" / f"{name}.txt", f"What was said\nin {name[-4:]}.\n")
            text(root / "ForceAligned" / f"{name}.TextGrid", 'File type = "ooTextFile"\n')
        earlier = root / "Previous_releases_information" / "1.10"
        text(earlier / "Partitions.txt", "Test2; MSP-PODCAST_0001_0008.wav\n")
        text(earlier / "labels_consensus.csv", msp_csv().replace(",A,", ",S,"))
    partition = "Partitions.txt" if old else "Partition.txt"
    text(root / partition, "\n".join(lines) + "\n")
    return root


# --- Acted corpora ---------------------------------------------------------------------------


def crema_d(folder: Path) -> Path:
    root = folder / "CREMA-D"
    names = ["1001_DFA_ANG_XX", "1001_IEO_HAP_HI", "1002_IEO_NEU_XX", "1091_WSI_SAD_XX"]
    for name in [*names, "1040_ITH_SAD_X", "1076_MTI_SAD_XX"]:
        wav(root / "AudioWAV" / f"{name}.wav")
    text(root / "AudioWAV" / "1002_TIE_FEA_XX.wav", LFS_POINTER)
    text(root / "AudioMP3" / "1001_DFA_ANG_XX.mp3", LFS_POINTER)
    text(
        root / "VideoDemographics.csv",
        '"ActorID","Age","Sex","Race","Ethnicity"\n'
        '1001,51,"Male","Caucasian","Not Hispanic"\n'
        '1002,21,"Female","Caucasian","Not Hispanic"\n'
        '1040,42,"Male","Caucasian","Not Hispanic"\n'
        '1091,29,"Female","Asian","Not Hispanic"\n',
    )
    listed = [*names, "1040_ITH_SAD_XX", "1002_TIE_FEA_XX", "1076_MTI_SAD_XX", "1003_TSI_DIS_XX"]
    text(
        root / "SentenceFilenames.csv",
        '"Stimulus_Number","Filename"\n'
        + "".join(f'{number},"{name}"\n' for number, name in enumerate(listed, 1)),
    )
    return root


def ravdess_names(actor: str) -> list[str]:
    """The 60 clips of an actor."""
    return [
        f"03-01-{emotion:02d}-{intensity:02d}-{sentence:02d}-{repetition:02d}-{actor}"
        for emotion in range(1, 9)
        for intensity in ((1,) if emotion == 1 else (1, 2))
        for sentence in (1, 2)
        for repetition in (1, 2)
    ]


def ravdess(folder: Path, flat: bool = False) -> Path:
    root = folder / "RAVDESS"
    for actor in ("01", "02"):
        for name in ravdess_names(actor):
            wav(root / ("" if flat else f"Actor_{actor}") / f"{name}.wav", seconds=0.05)
    return root


def tess(folder: Path) -> Path:
    """As in the public archive: the same folders again in a folder of the same name."""
    root = folder / "TESS Toronto emotional speech set data"
    for top in (root, root / root.name):
        wav(top / "OAF_angry" / "OAF_back_angry.wav")
        wav(top / "OAF_Fear" / "OAF_back_fear.wav")
        wav(top / "OAF_neutral" / "OA_bite_neutral.wav")
        wav(top / "OAF_Pleasant_surprise" / "OAF_back_ps.wav")
        wav(top / "YAF_pleasant_surprised" / "YAF_back_ps.wav")
        wav(top / "YAF_happy" / "YAF_young_happy.wav")
        wav(top / "YAF_sad" / "YAF_back_sad.wav")
    return root


def emodb(folder: Path) -> Path:
    root = folder / "emodb"
    for name in ("03a01Fa", "03a01Nc", "08b01Wa", "09a05La", "16b10Tb", "11a02Ac", "13b03Ed"):
        wav(root / "wav" / f"{name}.wav")
    text(root / "erkennung.txt", "Satz erkannt\n03a01Fa.wav 90,00\n", "latin-1")
    text(root / "lablaut" / "03a01Fa.lablaut", "header")
    return root


def nemo(folder: Path) -> Path:
    root = folder / "nEMO"
    lines = [
        ("WR0_surprised_64", "Ucho wykrywa dźwięki o różnej częstotliwości.", "male"),
        ("EB0_neutral_13", "Interesuje mnie historia Polski.", "female"),
        ("TP0_anger_38", '„Ród smoka" to serial telewizyjny.', "male"),
        ("TP0_fear_46", '"Żołwica" to dawne określenie.', "male"),
        ("KD0_sadness_2", "Nie waśńmy się ze sobą.", "female"),
        ("SM0_happiness_4", "Dzieci muszą dużo jeść.", "male"),
        ("IC0_fear_77", "Marzec kojarzy się z wiosną.", "female"),
    ]
    table = ["file_id\temotion\traw_text\tnormalized_text\tspeaker_id\tgender\tage"]
    for name, sentence, sex in lines:
        speaker, emotion, _ = name.split("_")
        # Eight blanks before the speaker, as published.
        table.append(f"{name}.wav\t{emotion}\t{sentence}\tx\t        {speaker}\t{sex}\t23")
        wav(root / "samples" / f"{name}.wav", rate=24_000)
    text(root / "data.tsv", "\n".join(table) + "\n")
    return root


# --- MELD ------------------------------------------------------------------------------------

MELD_HEADER = (
    *("Sr No.", "Utterance", "Speaker", "Emotion", "Sentiment", "Dialogue_ID", "Utterance_ID"),
    *("Season", "Episode", "StartTime", "EndTime"),
)
MELD_FOLDERS = {
    "train": "train/train_splits",
    "dev": "dev/dev_splits_complete",
    "test": "test/output_repeated_splits_test",
}


def meld(folder: Path) -> Path:
    root = folder / "MELD.Raw"
    root.mkdir(parents=True)
    tables = {
        "train": [
            ("the point person on my company\x92s transition\x85", "Chandler", "neutral", 0, 0, 8),
            (
                'You must\x92ve had your hands full, "really".',
                "The Interviewer",
                "neutral",
                0,
                1,
                8,
            ),
            ("None", "Monica", "joy", 1, 0, 3),
            ("Hey!", "All", "surprise", 1, 1, 3),
            ("No!", "Ross and Rachel", "anger", 1, 2, 3),
            ("Let me go!", "Phoebe", "fear", 125, 3, 5),
        ],
        "dev": [
            ("Hey.", "Joey", "joy", 0, 0, 4),
            ("Where is the clip?", "Ross", "sadness", 110, 7, 4),
        ],
        "test": [("Why do all your coffee mugs have numbers?", "Mark", "surprise", 0, 0, 3)],
    }
    for split, lines in tables.items():
        with (root / f"{split}_sent_emo.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(MELD_HEADER)
            for number, (words, speaker, emotion, *place) in enumerate(lines, 1):
                times = ("00:16:16,059", "00:16:21,731")
                writer.writerow((number, words, speaker, emotion, "-", *place, 21, *times))
    clips = root / MELD_FOLDERS["train"]
    for name in ("dia0_utt0", "dia0_utt1", "dia1_utt0", "dia1_utt1", "dia1_utt2"):
        wav(clips / f"{name}.wav")
    text(clips / "dia125_utt3.mp4", "not a film" * 100)  # as in the public archive
    mp4(root / MELD_FOLDERS["dev"] / "dia0_utt0.mp4")
    wav(root / MELD_FOLDERS["dev"] / "dia66_utt9.wav")  # in no table
    test = root / MELD_FOLDERS["test"]
    wav(test / "dia0_utt0.wav", seconds=0.1)
    wav(test / "final_videos_testdia0_utt0.wav", seconds=0.3)
    text(test / "._dia0_utt0.mp4", "\x00\x05\x16\x07")
    return root


# --- Tables ----------------------------------------------------------------------------------


def manifest(folder: Path, suffix: str = ".csv") -> Path:
    """A table with names and labels of its own; returns the table."""
    frame = pd.DataFrame(
        {
            "Datei": ["a/eins.wav", "a/zwei.wav", "fehlt.wav", "", ""],
            "Sprecher": pd.array([1, 2, 2, None, None], dtype="Int64"),
            "Gefühl": ["Freude", "Wut", "Freude", "Trauer", ""],
            "valence": [5.0, 2.0, 3.0, 1.0, None],
            "gender": ["f", "M", "M", None, None],
            "set": ["Training", "Validation", "test", "test", "test"],
            "text": ["Na, so was", "NA", "", "Schade", ""],
        }
    )
    for name in ("eins", "zwei"):
        wav(folder / "a" / f"{name}.wav")
    file = folder / f"clips{suffix}"
    if suffix == ".parquet":
        frame.to_parquet(file)
    else:
        frame.to_csv(file, index=False, sep="\t" if suffix == ".tsv" else ",")
    return file


AUDFORMAT_HEADER = """name: mini
source: internal
usage: research
languages: [deu]
raters:
  gold: {type: vote}
  one: {type: human}
  two: {type: human}
schemes:
  emotion:
    dtype: str
    labels: [anger, happiness, neutral, boredom]
  arousal: {dtype: float, minimum: 1, maximum: 7}
  confidence: {dtype: float, minimum: 0, maximum: 1}
  gender: {dtype: str, labels: [female, male]}
  speaker: {dtype: int, labels: speaker}
  transcription:
    dtype: str
    labels: {a01: Der Lappen liegt auf dem Eisschrank., a02: Das will sie am Mittwoch abgeben.}
splits:
  dev: {type: dev}
  test-1: {type: test}
  test-2: {type: test}
  train: {type: train}
tables:
  arousal:
    type: filewise
    columns:
      one: {scheme_id: arousal, rater_id: one}
      two: {scheme_id: arousal, rater_id: two}
  arousal.gold_standard:
    type: filewise
    columns:
      arousal: {scheme_id: arousal, rater_id: gold}
  emotion.dev:
    type: filewise
    split_id: dev
    columns:
      emotion: {scheme_id: emotion, rater_id: gold}
      emotion.confidence: {scheme_id: confidence, rater_id: gold}
  emotion.test-1:
    type: filewise
    split_id: test-1
    columns:
      emotion: {scheme_id: emotion, rater_id: gold}
  emotion.train:
    type: segmented
    split_id: train
    columns:
      emotion: {scheme_id: emotion, rater_id: gold}
  files:
    type: filewise
    columns:
      speaker: {scheme_id: speaker}
      transcription: {scheme_id: transcription}
  unused:
    type: filewise
    columns:
      notes:
misc_tables:
  speaker:
    levels: {speaker: int}
    columns:
      age: {}
      gender: {scheme_id: gender}
"""


def audformat(folder: Path) -> Path:
    root = folder / "mini-db"
    text(root / "db.yaml", AUDFORMAT_HEADER)
    for name in ("a", "b", "c", "d", "long"):
        wav(root / "audio" / f"{name}.wav", seconds=1.0)

    def save(table: str, content: str) -> None:
        text(root / f"db.{table}.csv", content)

    save("arousal", "file,one,two\naudio/a.wav,1,7\naudio/b.wav,2,3\n")
    save("arousal.gold_standard", "file,arousal\naudio/a.wav,4\naudio/b.wav,2.5\naudio/c.wav,9\n")
    save("emotion.dev", "file,emotion,emotion.confidence\naudio/a.wav,anger,0.9\n")
    save("emotion.test-1", "file,emotion\naudio/b.wav,boredom\naudio/gone.wav,anger\n")
    save("speaker", "speaker,age,gender\n3,31,male\n8,34,female\n")
    segments = pd.DataFrame(
        {
            "file": ["audio/c.wav", "audio/d.wav", "audio/long.wav", "audio/long.wav"],
            "start": pd.to_timedelta([0, 0, 0, 0.5], unit="s"),
            "end": pd.to_timedelta([None, 0.98, 0.5, 1.0], unit="s"),
            "emotion": ["happiness", "neutral", "anger", "neutral"],
        }
    )
    segments.to_parquet(root / "db.emotion.train.parquet", index=False)
    files = pd.DataFrame(
        {
            "file": [f"audio/{name}.wav" for name in "abcd"],
            "speaker": pd.array([3, 8, 3, None], dtype="Int64"),
            "transcription": ["a01", "a02", None, "a01"],
        }
    )
    files.to_parquet(root / "db.files.parquet", index=False)
    (root / "db.unused.pkl").write_bytes(b"cos\nsystem\n(S'exit 1'\ntR.")  # must not be unpickled
    return root
