"""The configs in a diffusers folder, read strictly: names are matched against exact lists.

A config that asks for what is not built here is refused with the field, not read past. Nothing in
it is ever run: a class name is a row of a table or it is unknown.
"""
