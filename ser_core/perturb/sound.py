"""Every change of the sound, by name."""

from ser_core.perturb.change import Change
from ser_core.perturb.channel import GAIN, LENGTH, LOW_PASS, TELEPHONE
from ser_core.perturb.noise import BABBLE, WHITE
from ser_core.perturb.pitch_tempo import PITCH, TEMPO
from ser_core.perturb.room import ROOM

SOUND_CHANGES: dict[str, Change] = {
    change.name: change
    for change in (WHITE, BABBLE, ROOM, GAIN, PITCH, TEMPO, LOW_PASS, TELEPHONE, LENGTH)
}
