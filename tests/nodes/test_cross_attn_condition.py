import pytest
import torch

from engine.node import Facts, Finding, Inference
from nodes.checkpoints.model_config import read_model_config
from nodes.cross_attn_condition import concat_condition, cross_attn_condition
from nodes.model_facts import text_facts
from nodes.training.words import MAX_TOKENS, WORDS
from nodes.values import Latent, Mask
from tests.nodes.asking import messages
from tests.nodes.context import FolderContext
from tests.nodes.tiny import CHANNELS, WIDTH, TinyModels


def review(prompt: str, facts: Facts) -> list[Finding]:
    assert cross_attn_condition.review
    given = Inference({"prompt": prompt}, {"text_encoder": facts})
    return list(cross_attn_condition.review(given))


def test_words_become_a_row_of_tokens(ctx: FolderContext, models: TinyModels) -> None:
    cond = cross_attn_condition(models.text_encoder, ctx, "a large red sphere")

    assert cond.context.shape == (1, MAX_TOKENS, WIDTH)
    assert cond.context.dtype == torch.float32


def test_other_words_give_other_tokens_and_case_does_not_matter(
    ctx: FolderContext, models: TinyModels
) -> None:
    def tokens(prompt: str) -> torch.Tensor:
        return cross_attn_condition(models.text_encoder, ctx, prompt).context

    assert torch.equal(tokens("A Red Sphere."), tokens("a red sphere"))
    assert not torch.equal(tokens("a blue sphere"), tokens("a red sphere"))
    assert not torch.equal(tokens("sphere red a"), tokens("a red sphere"))
    assert not torch.equal(tokens(""), tokens("a"))


def test_unknown_words_are_named_beside_the_known_ones(
    ctx: FolderContext, models: TinyModels
) -> None:
    with pytest.raises(ValueError, match="does not know 'photograph', 'dog'; it knows: a, ") as e:
        cross_attn_condition(
            models.text_encoder, ctx, "a photograph of a red dog".replace("of ", "")
        )

    assert all(word in str(e.value) for word in WORDS)
    assert "\n" not in str(e.value)


def test_unknown_words_are_found_before_anything_runs(models: TinyModels) -> None:
    config = read_model_config(models.file("inpainting").path)
    assert config.text

    assert review("a red sphere", text_facts(config)) == []
    (found,) = review("a red dog, and a blau sphere", text_facts(config))
    assert "does not know 'dog', 'blau'; it knows: a, " in found.message
    assert found.got == "dog, blau"


@pytest.mark.parametrize(
    ("prompt", "mended"),
    [
        ("a red sphere and a blu cubes", "a red sphere and a blue cube"),
        ("a xylophone", "a"),
        ("red " * (MAX_TOKENS + 2), ("red " * MAX_TOKENS).strip()),
    ],
)
def test_the_nearest_readable_prompt_is_offered(
    models: TinyModels, prompt: str, mended: str
) -> None:
    config = read_model_config(models.file("inpainting").path)
    assert config.text
    (found,) = review(prompt, text_facts(config))

    assert [edit.value for edit in found.fixes[0].edits] == [mended]
    assert review(mended, text_facts(config)) == []


def test_words_that_would_not_be_read_are_named(ctx: FolderContext, models: TinyModels) -> None:
    full = " ".join(["red"] * MAX_TOKENS)
    cross_attn_condition(models.text_encoder, ctx, full)

    with pytest.raises(
        ValueError, match=r"2 words more than the 28 the model reads; .* 'blue cube'"
    ):
        cross_attn_condition(models.text_encoder, ctx, full + " blue cube")


def test_layers_that_are_not_there_are_found_before_anything_runs() -> None:
    assert cross_attn_condition.review
    facts: Facts = {"layers": 4}
    for skip, told in (
        (-1, []),
        (3, []),
        (4, ["skip_layers is 4, but the text encoder has 4 layers"]),
    ):
        given = Inference({"prompt": "", "skip_layers": skip}, {"text_encoder": facts})
        assert [found.message for found in cross_attn_condition.review(given)] == told


def test_other_layers_make_other_tokens_and_no_vector(
    ctx: FolderContext, models: TinyModels
) -> None:
    last, one_less = (
        cross_attn_condition(models.text_encoder, ctx, "a red sphere", skip_layers=skip)
        for skip in (-1, 1)
    )

    assert not torch.equal(last.context, one_less.context)
    assert last.vector is None


def test_concat_is_the_mask_then_the_masked_latent() -> None:
    latent = torch.randn(2, CHANNELS, 3, 4)
    mask = torch.zeros(2, 1, 24, 32)
    mask[0, :, :8, :16] = 1
    channels = concat_condition(Latent(latent), Mask(mask)).channels

    assert channels.shape == (2, 1 + CHANNELS, 3, 4)
    assert channels[0, 0].tolist() == [[1, 1, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]
    assert channels[1, 0].count_nonzero() == 0
    assert torch.equal(channels[:, 1:], latent)


def test_a_soft_mask_is_decided_at_one_half() -> None:
    mask = torch.full((1, 1, 8, 16), 0.4)
    mask[..., 8:] = 0.6

    assert concat_condition(Latent(torch.zeros(1, 4, 1, 2)), Mask(mask)).channels[
        0, 0
    ].tolist() == [[0, 1]]


@pytest.mark.parametrize(("masks", "latents"), [(1, 3), (3, 1), (3, 3)])
def test_one_mask_or_one_latent_serves_a_whole_batch(masks: int, latents: int) -> None:
    latent = torch.randn(latents, CHANNELS, 2, 2)
    mask = (torch.rand(masks, 1, 2, 2) < 0.5).float()
    channels = concat_condition(Latent(latent), Mask(mask)).channels

    assert torch.equal(channels[:, :1], mask.expand(3, -1, -1, -1))
    assert torch.equal(channels[:, 1:], latent.expand(3, -1, -1, -1))


def test_batches_that_do_not_go_together_are_refused() -> None:
    three, two = Latent(torch.zeros(3, 4, 2, 2)), Mask(torch.zeros(2, 1, 2, 2))

    assert messages(concat_condition, latent=three, mask=two) == [
        "mask: `latent` is a batch of 3 but `mask` is a batch of 2"
    ]
