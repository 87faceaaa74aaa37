"""Scenes in words."""

from nodes.training.scenes.scene import Scene, SceneObject
from nodes.training.scenes.vocabulary import PLACES


def phrase(thing: SceneObject) -> str:
    """Name one object: "a large red sphere"."""
    return f"a {thing.size} {thing.colour} {thing.shape}"


def caption(scene: Scene) -> str:
    """Describe the scene from left to right: "a large red sphere and a small blue cube on sand"."""
    things = " and ".join(phrase(thing) for thing in scene.objects)
    return f"{things} {PLACES[scene.background]}".strip()
