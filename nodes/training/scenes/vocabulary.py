"""The words of the scenes: what can be in a picture is exactly what a caption can say."""

SHAPES = ("sphere", "cube", "cylinder", "cone")
COLOURS = ("red", "orange", "yellow", "green", "cyan", "blue", "purple", "pink")
SIZES = ("small", "large")

PLACES = {
    "wooden": "on a wooden floor",
    "stone": "on a stone floor",
    "sand": "on sand",
    "grass": "on grass",
    "snow": "on snow",
    "night": "at night",
}
"""How a caption ends, for each background."""

BACKGROUNDS = tuple(PLACES)

VOCABULARY = tuple(
    dict.fromkeys(("a", "and", *SIZES, *COLOURS, *SHAPES, *" ".join(PLACES.values()).split()))
)
"""Every word a caption can contain, once."""
