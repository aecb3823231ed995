"""Components of our own: Python, and what runs in the browser."""
