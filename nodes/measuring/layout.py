"""How large a sheet of pictures is; loads without torch."""

GAP = 4
"""White pixels around every picture."""

SHOWN = 8
"""Pictures in a row of a measurement's sheet."""


def sheet_size(width: int, height: int, columns: int, rows: int | None) -> tuple[int, int | None]:
    """Width and height in pixels of `rows` times `columns` pictures; None rows leave it open."""
    return GAP + columns * (width + GAP), None if rows is None else GAP + rows * (height + GAP)
