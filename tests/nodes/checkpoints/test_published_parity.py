"""One checkpoint file, opened by us and by diffusers: equal networks, equal pictures.

The file has the published layout at reduced width and random weights. Diffusers opens it with its
own single-file loader; its own pipeline makes the pictures.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import AutoencoderKL, StableDiffusionPipeline, UNet2DConditionModel
from torch import Tensor
from transformers import CLIPTextConfig, CLIPTextModel

from nodes.checkpoints.header import CheckpointError
from nodes.checkpoints.model_file import load_autoencoder, load_text_encoder, load_unet
from nodes.checkpoints.recognition import belonging, read_checkpoint
from nodes.checkpoints.text_readers import load_prompt_reader
from nodes.ldm.config import UNetConfig
from nodes.ldm.prompt_reader import PromptSettings
from nodes.ldm.sampling import Steering, Walk, sample
from nodes.ldm.schedule import NoiseSchedule
from nodes.ldm.spacings import SPACINGS
from tests.nodes.checkpoints.published import CLIP, FAMILIES, WIDTH, write_published
from tests.nodes.ldm.samplers.twins import BETAS, Twin
from tests.nodes.ldm.test_pipeline_parity import TWINS

TIMESTEPS = torch.tensor([0, 3, 777])
GUIDANCE, SEED, SIDE = 7.5, 31, 64
PROMPT, NEGATIVE = "a red cube on a mirror", "blurry"


def unet_reference(config: UNetConfig, path: Path, folder: Path) -> Any:
    """Diffusers' UNet, through its own loader of single files."""
    attends = [config.attends(level) for level in range(len(config.widths))]
    vector: dict[str, Any] = {}
    if config.adm_in_channels:
        vector = {
            "addition_embed_type": "text_time",
            "addition_time_embed_dim": 256,
            "projection_class_embeddings_input_dim": config.adm_in_channels,
        }
    if config.num_classes:
        vector = {"num_class_embeds": config.num_classes}
    described = UNet2DConditionModel(
        in_channels=config.in_channels,
        block_out_channels=config.widths,
        down_block_types=["CrossAttnDownBlock2D" if a else "DownBlock2D" for a in attends],
        up_block_types=["CrossAttnUpBlock2D" if a else "UpBlock2D" for a in reversed(attends)],
        attention_head_dim=tuple(config.heads(w) for w in config.widths),
        cross_attention_dim=config.context_dim,
        transformer_layers_per_block=[max(depth, 1) for depth in config.depths],
        use_linear_projection=config.use_linear_projection,
        only_cross_attention=[level in config.context_only for level in range(len(attends))],
        **vector,
    )
    described.save_config(folder / "unet")
    return UNet2DConditionModel.from_single_file(
        str(path), config=str(folder), subfolder="unet", local_files_only=True
    ).eval()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "family", ["sd1", "sd1_inpaint", "sd2", "sd2_upscaler", "sdxl", "sdxl_refiner"]
)
@torch.no_grad()
def test_the_denoiser_of_a_file_is_that_of_the_reference(family: str, tmp_path: Path) -> None:
    path = write_published(tmp_path / "model.safetensors", family, torch.float32)
    ours = load_unet(path)
    theirs = unet_reference(ours.config, path, tmp_path)
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(3, ours.config.in_channels, 8, 16, generator=generator)
    context = torch.randn(3, 77, ours.config.context_dim or 0, generator=generator)
    y, told = vector_of(ours.config, generator)

    got = ours(x, TIMESTEPS, context, y)
    expected = theirs(x, TIMESTEPS, context, **told).sample

    assert expected.std() > 0.05
    limit = 5e-5 if family.startswith("sdxl") else 1e-5
    assert float((got - expected).abs().max() / expected.abs().max()) <= limit


def vector_of(
    config: UNetConfig, generator: torch.Generator
) -> tuple[Tensor | None, dict[str, Any]]:
    """SDXL's vector, or the upscaler's class, as we take it and as they do."""
    if config.num_classes:
        levels = torch.tensor([0, 20, 350])
        return levels[:, None].float(), {"class_labels": levels}
    if config.adm_in_channels is None:
        return None, {}
    from nodes.ldm.layers import timestep_embedding

    numbers = (config.adm_in_channels - WIDTH) // 256  # the refiner is told a score, not a target
    pooled = torch.randn(3, WIDTH, generator=generator)
    told = [512.0, 768, 0, 8, 1024, 1024] if numbers == 6 else [512.0, 768, 0, 8, 2.5]
    sizes = torch.tensor([told]).repeat(3, 1)
    embedded = timestep_embedding(sizes.flatten(), 256).reshape(3, -1)
    return torch.cat([pooled, embedded], 1), {
        "added_cond_kwargs": {"text_embeds": pooled, "time_ids": sizes}
    }


@dataclass
class Both:
    """One file, opened twice."""

    path: Path
    pipeline: Any
    ids: Tensor

    @torch.no_grad()
    def theirs(self, twin: Twin) -> Tensor:
        module: Any = import_module("diffusers")
        self.pipeline.scheduler = getattr(module, twin.name).from_config({**BETAS, **twin.settings})
        embeds = [self.pipeline.text_encoder(row[None])[0] for row in self.ids]
        picture: Tensor = self.pipeline(
            prompt_embeds=embeds[0],
            negative_prompt_embeds=embeds[1],
            num_inference_steps=twin.steps,
            guidance_scale=GUIDANCE,
            width=SIDE,
            height=SIDE,
            generator=torch.Generator("cpu").manual_seed(SEED),
            output_type="pt",
        ).images
        return picture

    @torch.no_grad()
    def ours(self, twin: Twin) -> Tensor:
        unet, stage = load_unet(self.path), load_autoencoder(self.path)
        reader = load_prompt_reader(self.path, torch.device("cpu"))
        cond, uncond = (
            reader.encode(text, PromptSettings()).context for text in (PROMPT, NEGATIVE)
        )
        table = NoiseSchedule("scaled_linear", 0.00085, 0.012)
        sigmas = tuple(SPACINGS[twin.spacing](table, twin.steps).tolist())
        walk = Walk(table, "eps", sigmas, sampler=twin.sampler, seed=SEED, noise="diffusers")
        steering = Steering(cond, uncond, guidance=GUIDANCE)
        start = torch.zeros(1, 4, SIDE // 8, SIDE // 8)
        *_, last = sample(unet, start, steering, walk)
        picture = stage.decode(last.x / stage.config.scale_factor)
        return (picture / 2 + 0.5).clamp(0, 1)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Both:
    folder = tmp_path_factory.mktemp("both")
    path = write_published(folder / "model.safetensors", "sd1", torch.float32)
    config = FAMILIES["sd1"].stage
    levels = len(config.widths)
    AutoencoderKL(
        block_out_channels=config.widths,
        down_block_types=["DownEncoderBlock2D"] * levels,
        up_block_types=["UpDecoderBlock2D"] * levels,
        layers_per_block=2,
        scaling_factor=config.scale_factor,
    ).save_config(folder / "vae")
    stage = AutoencoderKL.from_single_file(
        str(path), config=str(folder), subfolder="vae", local_files_only=True
    )
    text = CLIPTextModel(
        CLIPTextConfig(
            hidden_size=CLIP.width,
            intermediate_size=4 * CLIP.width,
            num_hidden_layers=CLIP.layers,
            num_attention_heads=CLIP.heads,
        )
    ).eval()
    text.load_state_dict(load_text_encoder(path).state_dict())
    pipeline = StableDiffusionPipeline(
        vae=stage.eval(),
        text_encoder=text,
        tokenizer=None,
        unet=unet_reference(FAMILIES["sd1"].unet, path, folder),
        scheduler=None,
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipeline.set_progress_bar_config(disable=True)
    return Both(path, pipeline, token_ids())


def token_ids() -> Tensor:
    """Both prompts as the reference tokenizer gives them (recorded elsewhere): 2 77."""
    from nodes.ldm.clip_tokenizer import ClipTokenizer

    rows = []
    for text in (PROMPT, NEGATIVE):
        ids = [49406, *ClipTokenizer().ids(text), 49407]
        rows.append(ids + [49407] * (77 - len(ids)))
    return torch.tensor(rows)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("twin", TWINS, ids=str)
def test_the_picture_of_a_file_and_a_seed_is_that_of_the_reference(both: Both, twin: Twin) -> None:
    ours, theirs = both.ours(twin), both.theirs(twin)

    assert theirs.std() > 0.05
    error = (ours - theirs).square().mean()
    assert float(-10 * torch.log10(error + 1e-20)) >= 60


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("shard", ["10GB", "4MB"], ids=["whole", "sharded"])
@torch.no_grad()
def test_a_folder_saved_by_the_reference_holds_the_same_networks(
    both: Both, tmp_path: Path, shard: str
) -> None:
    both.theirs(TWINS[0])  # it wants a scheduler to save
    both.pipeline.save_pretrained(tmp_path, max_shard_size=shard)
    index = tmp_path / "model_index.json"
    sharded = (tmp_path / "unet/diffusion_pytorch_model.safetensors.index.json").exists()

    assert sharded == (shard == "4MB")
    names = set(belonging(index))
    assert {"unet/config.json", "vae/config.json", "scheduler/scheduler_config.json"} <= names
    for load in (load_unet, load_autoencoder, load_text_encoder):
        ours, theirs = (load(path).state_dict() for path in (both.path, index))
        assert ours.keys() == theirs.keys()
        assert all(torch.equal(ours[name], theirs[name]) for name in ours)
    _, checkpoint = read_checkpoint(index)
    assert checkpoint.config.schedule == read_checkpoint(both.path)[1].config.schedule
    assert checkpoint.config.text == CLIP


@pytest.mark.parametrize(
    ("file", "change", "said"),
    [
        ("unet/config.json", {"_class_name": "os.system"}, "'_class_name' is 'os.system'"),
        ("unet/config.json", {"auto_map": {"AutoModel": "evil.Model"}}, "'auto_map'"),
        ("unet/config.json", {"block_out_channels": [32, 33, 64, 128]}, "block_out_channels"),
        ("vae/config.json", {"latent_channels": "four"}, "'latent_channels' is 'four'"),
        ("scheduler/scheduler_config.json", {"trained_betas": [0.1]}, "trained_betas"),
    ],
)
def test_a_folder_with_a_config_that_asks_for_more_is_refused(
    both: Both, tmp_path: Path, file: str, change: dict[str, Any], said: str
) -> None:
    both.theirs(TWINS[0])
    both.pipeline.save_pretrained(tmp_path)
    path = tmp_path / file
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(CheckpointError, match=said):
        read_checkpoint(tmp_path / "model_index.json")


def test_a_folder_without_weights_says_what_it_looked_for(both: Both, tmp_path: Path) -> None:
    both.theirs(TWINS[0])
    both.pipeline.save_pretrained(tmp_path)
    (tmp_path / "unet/diffusion_pytorch_model.safetensors").unlink()
    with pytest.raises(CheckpointError, match=r"no weights for 'unet'; looked for .*safetensors"):
        belonging(tmp_path / "model_index.json")
