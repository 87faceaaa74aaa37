"""Graphs that the tests build, open and run: the five stages, small enough for two cores."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

PROMPT = "a large red sphere on a wooden floor"


def step(type_name: str, **inputs: Any) -> dict[str, Any]:
    """Write one node; a text that begins with @ is a link."""
    written = {
        name: {"link": value[1:]} if isinstance(value, str) and value.startswith("@") else value
        for name, value in inputs.items()
    }
    return {"type": type_name, "version": 1, "inputs": written}


FIVE_STAGES: Mapping[str, Mapping[str, Any]] = {
    "first_stage": step("LoadModel", model={"name": "scenes-autoencoder.safetensors"}),
    "model": step("LoadModel", model={"name": "scenes-inpaint.safetensors"}),
    "blank": step("SolidImage", width=64, height=64, grey=0.5),
    "everything": step("FullMask", image="@blank.image"),
    "encode": step("Encode", autoencoder="@first_stage.autoencoder", image="@blank.image"),
    "beside": step("ConcatCondition", latent="@encode.latent", mask="@everything.mask"),
    "condition": step("CrossAttnCondition", text_encoder="@model.text_encoder", prompt=PROMPT),
    "schedule": step("NoiseSchedule", steps=4, spacing="trailing"),
    "denoise": step(
        "UNetDenoise", unet="@model.unet", schedule="@schedule.schedule", latent="@encode.latent",
        cond="@condition.conditioning", concat="@beside.concat", guidance=1.0, sampler="ddim",
        seed=1,
    ),
    "decode": step("Decode", autoencoder="@first_stage.autoencoder", latent="@denoise.latent"),
    "save": step("SaveImage", image="@decode.image", name="five_stages"),
}  # fmt: skip


def workflow(nodes: Mapping[str, Any] = FIVE_STAGES, **more: Any) -> dict[str, Any]:
    """Write a workflow file, its nodes in rows."""
    places = {name: [80 + 300 * (i % 4), 60 + 280 * (i // 4)] for i, name in enumerate(nodes)}
    layout = {"nodes": places, "groups": [], "notes": []}
    return {"format": "latentgraph/1", "nodes": deepcopy({**nodes}), **{"layout": layout, **more}}


def slow_workflow(steps: int = 60, seed: int = 5) -> dict[str, Any]:
    """Write the five stages with more steps, so that there is time to do something meanwhile."""
    nodes = {**FIVE_STAGES, "schedule": step("NoiseSchedule", steps=steps, spacing="trailing")}
    denoise = nodes["denoise"]
    nodes["denoise"] = {**denoise, "inputs": {**denoise["inputs"], "seed": seed}}
    return workflow(nodes)
