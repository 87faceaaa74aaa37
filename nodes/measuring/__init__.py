"""Plain torch code behind the measuring nodes."""
