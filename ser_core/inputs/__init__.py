"""What goes in: sound to log-Mels, speech to words, words to the embedding e."""
