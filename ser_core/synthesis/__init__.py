"""How the example clips are made: a synthetic voice, its voicings, other sounds, the scripts."""
