"""A graph of the five stages from an empty canvas: with the mouse, and with the keys alone."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import expect

from tests.web.editor_page import EditorPage
from tests.web.graphs import PROMPT

PLACES = {
    "load_model": ("Load Model", 90, 90),
    "load_model_2": ("Load Model", 90, 330),
    "solid_image": ("Solid Image", 90, 560),
    "cross_attn_condition": ("Cross Attn Condition", 330, 90),
    "noise_schedule": ("Noise Schedule", 330, 330),
    "full_mask": ("Full Mask", 330, 700),
    "encode": ("Encode", 570, 90),
    "concat_condition": ("Concat Condition", 570, 330),
    "unet_denoise": ("UNet Denoise", 800, 90),
    "decode": ("Decode", 570, 560),
    "save_image": ("Save Image", 800, 560),
}
"""Node, what is typed to find its type, and where its corner goes."""
WIRES = (
    ("load_model.autoencoder", "encode.autoencoder"),
    ("load_model.autoencoder", "decode.autoencoder"),
    ("load_model_2.text_encoder", "cross_attn_condition.text_encoder"),
    ("load_model_2.unet", "unet_denoise.unet"),
    ("solid_image.image", "full_mask.image"),
    ("solid_image.image", "encode.image"),
    ("encode.latent", "concat_condition.latent"),
    ("full_mask.mask", "concat_condition.mask"),
    ("noise_schedule.schedule", "unet_denoise.schedule"),
    ("encode.latent", "unet_denoise.latent"),
    ("cross_attn_condition.conditioning", "unet_denoise.cond"),
    ("concat_condition.concat", "unet_denoise.concat"),
    ("unet_denoise.latent", "decode.latent"),
    ("decode.image", "save_image.image"),
)
NUMBERS = {
    ("solid_image", "width"): 64,
    ("solid_image", "height"): 64,
    ("noise_schedule", "steps"): 5,
    ("unet_denoise", "guidance"): 1,
}


def test_with_the_mouse(editor: EditorPage) -> None:
    editor.open()
    editor.new_workflow()
    for _ in range(3):
        editor.page.get_by_role("button", name="Zoom out").click()
    for kind, x, y in PLACES.values():
        editor.add_node(kind, (x, y))
    assert sorted(editor.node_ids()) == sorted(PLACES)
    for source, target in WIRES:
        editor.wire(source, target)
    editor.pick("load_model", "model", "scenes-autoencoder")
    editor.pick("load_model_2", "model", "scenes-inpaint")
    for (node, name), value in NUMBERS.items():
        editor.set_input(node, name, value)
    editor.set_input("cross_attn_condition", "prompt", PROMPT)

    assert_makes_a_picture(editor)


def assert_makes_a_picture(editor: EditorPage) -> None:
    expect(editor.page.get_by_text("Ready to run")).to_be_visible()
    found: dict[str, Any] = editor.server.wait_for_run(editor.run())
    assert found["state"] == "done", found
    assert [file["name"][-4:] for file in found["artifacts"]] == [".png"]
    expect(editor.node("save_image")).to_have_attribute("data-status", "done")


def test_two_nodes_are_added_and_wired_with_the_keys(editor: EditorPage) -> None:
    """On the graph itself; the whole way with keys alone is in test_outline.py."""
    editor.open()
    editor.new_workflow()
    for kind in ("Solid Image", "Full Mask"):
        editor.press("Shift+KeyA")
        editor.choose(kind)
        expect(editor.node(kind.lower().replace(" ", "_"))).to_be_visible()
    expect(editor.page.get_by_role("button", name="1 to do")).to_be_visible()  # it has come to rest
    editor.page.wait_for_timeout(600)  # what was added takes the focus once the view rests
    editor.socket("solid_image.image", "out").press("Enter")
    expect(editor.page.get_by_text("Wire from solid_image.image")).to_be_attached()
    editor.press("Enter")

    expect(editor.socket("full_mask.image", "in")).to_have_attribute("data-linked", "true")
