"""The command line: arguments in, sentences, bars or JSON lines out."""
