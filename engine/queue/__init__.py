"""Runs that wait, run and have run: a queue and its history that survive whatever ends the process.

Knows nothing of nodes or of how a run is computed; `engine.runner` takes runs from it.
"""
