"""What the program says to the shell when it ends."""

DONE, FAILED, WRONG, INTERRUPTED = 0, 1, 2, 130
