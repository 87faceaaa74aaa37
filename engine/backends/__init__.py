"""Where steps compute: backends that take tasks and give reports."""
