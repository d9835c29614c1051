"""Watching a run: what sees operations, passes and hooks while the snippet runs, and the log of it all."""
