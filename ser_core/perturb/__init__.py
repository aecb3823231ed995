"""What if: changes of the sound and of the words, and the models' answers along them."""
