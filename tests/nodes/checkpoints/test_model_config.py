import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import save

from nodes.checkpoints.header import CheckpointError
from nodes.checkpoints.model_config import ModelConfig, read_model_config
from nodes.checkpoints.records import from_document
from nodes.ldm.config import AutoencoderConfig, ScheduleConfig, UNetConfig
from nodes.ldm.text_config import TextEncoderConfig

CONFIG = ModelConfig(
    title="Scenes",
    license="CC0-1.0",
    first_stage=AutoencoderConfig(ch=32, ch_mult=(1, 2), scale_factor=0.91),
    unet=UNetConfig(num_heads=8, context_dim=64, transformer_depth=(0, 1, 1, 2)),
    text=TextEncoderConfig(vocab_size=4, width=64, heads=4, words=("red", "blue")),
    schedule=ScheduleConfig(prediction="v"),
    training={"steps": 1000, "losses": [0.5, 0.25], "data": {"seed": 1}},
)


def test_a_description_comes_back_from_the_header_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(save({}, CONFIG.to_metadata()))

    assert read_model_config(path) == CONFIG


@given(
    st.builds(
        UNetConfig,
        model_channels=st.integers(1, 20).map(lambda n: 32 * n),
        channel_mult=st.lists(st.integers(1, 4), min_size=1, max_size=4).map(tuple),
        attention_ds=st.lists(st.sampled_from([1, 2, 4, 8]), max_size=3).map(tuple),
        num_heads=st.sampled_from([1, 2, 4, 8]),
        context_dim=st.none() | st.integers(1, 4096),
        transformer_depth=st.integers(0, 9),
        use_linear_projection=st.booleans(),
        num_classes=st.none() | st.integers(1, 1000),
    )
)
def test_any_unet_config_survives_json(config: UNetConfig) -> None:
    document = json.loads(json.dumps(vars(config)))

    assert from_document(UNetConfig, document, "unet") == config


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"format": "latentgraph-model/2"}, "not of the format 'latentgraph-model/1'"),
        ({"format": None}, "not of the format"),
        ({"colour": "red"}, "model has the unknown field 'colour'"),
        ({"title": 3}, "model.title is 3, expected str"),
        ({"training": []}, "model.training is"),
        ({"schedule": None}, "a unet and its schedule must be given together"),
        ({"first_stage": None, "unet": None, "text": None, "schedule": None}, "no network"),
        ({"unet": []}, r"model.unet is \[\], expected an object"),
        ({"first_stage": {"ch": 32.5}}, "model.first_stage.ch is 32.5, expected int"),
        ({"first_stage": {"ch": True}}, "model.first_stage.ch is True, expected int"),
        ({"first_stage": {"ch": 33}}, "model.first_stage: 33 channels do not divide"),
        ({"first_stage": {"ch_mult": [1, "2"]}}, "model.first_stage.ch_mult is '2', expected int"),
        ({"text": {"words": ["red", "blue"]}}, "model.text lacks 'vocab_size'"),
        ({"schedule": {"prediction": "score"}}, "expected Literal"),
    ],
)
def test_a_wrong_description_is_refused_with_its_place(
    tmp_path: Path, change: dict[str, Any], fault: str
) -> None:
    document = json.loads(CONFIG.to_metadata()["latentgraph"]) | change
    path = tmp_path / "model.safetensors"
    path.write_bytes(save({}, {"latentgraph": json.dumps(document)}))

    with pytest.raises(CheckpointError, match=f"model.safetensors: .*{fault}"):
        read_model_config(path)


@pytest.mark.parametrize(
    ("metadata", "fault"),
    [
        (None, "no 'latentgraph' entry in its metadata"),
        ({"format": "pt"}, "no 'latentgraph' entry in its metadata"),
        ({"latentgraph": "{"}, "model.safetensors: "),
        ({"latentgraph": "[" * 100_000}, "model.safetensors: "),
        ({"latentgraph": "[]"}, "not of the format"),
    ],
)
def test_a_file_without_a_description_is_refused(
    tmp_path: Path, metadata: dict[str, str] | None, fault: str
) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(save({}, metadata))

    with pytest.raises(CheckpointError, match=fault):
        read_model_config(path)
