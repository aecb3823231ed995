"""What the rooms stand on: caches, the forward queue, atomic writes, integrity, settings."""
