"""What the check knows of a value before it exists is what the value is, for any legal settings."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from engine.errors import StepError
from engine.examine import examine
from engine.facts import Arrival, plain
from engine.facts import given as known
from engine.graph import Step
from engine.guard import output_facts, verify
from engine.node import Facts, Inference, Port
from engine.ports import Absent
from engine.registry import AnyNode, Registry
from engine.workflow import Link
from nodes import values
from nodes.control_values import Control
from nodes.dataset_values import LabelMap, PictureSet
from nodes.load import load_model
from nodes.pack import MODULES
from nodes.steer_values import Steer
from tests.nodes.context import FolderContext
from tests.nodes.tiny import CHANNELS, WIDTH, TinyModels

NODES = {node.name: node for node in Registry.of_modules(MODULES)}
REASONED = sorted(name for name, node in NODES.items() if node.infer or node.review)
NEEDS_MORE = {
    "LoadImage", "LoadMask", "LoadModel", "SaveModel", "Switch", "MeasureInpainting",
    "ClassCondition", "LoadLora", "LoadControlNet", "ControlNetCondition", "LoadTextualInversion",
    "LabelMapCondition", "LayoutCondition", "TellTokens", "TellBeside", "SampleExamples",
    "MeasureSamples", "SelectPictures", "TellNeighbours", "NeighbourCondition",
    "ClassifierGuidance", "LoadDataset", "MeasureLikelihood", "MeasureThroughput",
    "CollectSeries", "PlotSeries", "JoinMetrics",
}  # fmt: skip
TRAINING = {name for name, node in NODES.items() if node.category == "training"}
COMPUTED = sorted(
    name for name, node in NODES.items() if name not in NEEDS_MORE | TRAINING and not node.effect
    and not any(port.type in (values.Judge, values.Curve) for port in node.inputs.values())
)  # fmt: skip
"""Nodes that are computed here; files have tests of their own, and training takes too long."""

LOW: dict[str, tuple[int, int]] = {
    "width": (1, 40), "height": (1, 40), "size": (32, 64), "count": (1, 3), "batch": (1, 3),
    "steps": (1, 4), "step": (1, 4), "columns": (1, 3), "left": (0, 8), "top": (0, 8),
    "timesteps": (2, 40), "skip_layers": (0, 4), "pixels": (-5, 5), "seed": (0, 9),
}  # fmt: skip
"""Bounds that keep what is computed small; where they reach beyond a port's own, those count."""

STRANGE = st.one_of(
    st.integers(-9, 9), st.sampled_from(["none", "4 channels", "kl scaled by 1", "", "a b"])
)
FACT_NAMES = [
    "c", "f", "h", "w", "n", "space", "kind", "concat", "channels", "stride", "vector", "betas",
    "width", "words", "max_tokens", "classes", "layers", "first", "last", "peak", "weights",
    "learning", "attending", "value", "prediction", "convention", "zero_terminal_snr",
]  # fmt: skip


def setting(port: Port) -> st.SearchStrategy[Any]:
    """Any value the port takes, small where it is a size."""
    if port.choices:
        return st.sampled_from(port.choices)
    if port.type is bool:
        return st.booleans()
    if port.type is str:
        return st.sampled_from(["", "a red sphere", "a red dog", "1,2", "1;2"])
    low, high = port.bounds.ge, port.bounds.le
    if port.type is float:
        return st.floats(low or 0, high if high is not None else 1) | st.just(port.default)
    least, most = LOW.get(port.name, (0, 100))
    least = max(least, int(low)) if low is not None else least
    most = max(least, min(most, int(high)) if high is not None else most)
    return st.integers(least, most) | st.sampled_from([least, most // 8 * 8 or most])


def written(node: AnyNode) -> dict[str, Port]:
    """The settings of a node."""
    return {name: port for name, port in node.inputs.items() if port.kind == "setting"}


@pytest.mark.parametrize("name", REASONED)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_infer_and_review_answer_whatever_is_known(name: str, data: st.DataObject) -> None:
    node = NODES[name]
    ports = node.inputs.items()
    chosen = {
        key: data.draw(st.none() | setting(port)) if port.kind == "setting" else None
        for key, port in ports
        if port.kind in ("setting", "file")
    }
    facts = st.dictionaries(st.sampled_from(FACT_NAMES), STRANGE)
    linked = {key: data.draw(facts) for key, port in ports if port.kind in ("link", "links")}
    items = {
        key: data.draw(st.lists(facts, max_size=3)) for key, port in ports if port.kind == "links"
    }
    asked = Inference(chosen, linked, items)
    if node.infer:
        for found in (node.infer(asked) or {}).values():
            assert isinstance(found, Absent) or None not in found.values()
    for finding in node.review(asked) if node.review else ():
        assert finding.message
        assert all(fix.text for fix in finding.fixes)


def tensor(draw: st.DrawFn, batch: int, channels: int, side: tuple[int, int]) -> torch.Tensor:
    generator = torch.Generator().manual_seed(draw(st.integers(0, 9)))
    return torch.rand(batch, channels, *side, generator=generator)


@st.composite
def inputs(draw: st.DrawFn, node: AnyNode, models: TinyModels) -> dict[str, Any]:
    """A value for every link of a node; sizes and batches agree more often than not."""
    side = st.sampled_from([32, 48, 32, 48, 13])
    sizes = [draw(st.tuples(side, side))] * 4 + draw(st.lists(st.tuples(side, side), max_size=1))
    batches = [draw(st.integers(1, 3))] * 4 + [1]

    def value(kind: type) -> Any:
        side, batch = draw(st.sampled_from(sizes)), draw(st.sampled_from(batches))
        cells = (max(1, side[0] // 8), max(1, side[1] // 8))
        made: dict[type, Callable[[], Any]] = {
            values.Image: lambda: values.Image(tensor(draw, batch, 3, side)),
            values.Mask: lambda: values.Mask(tensor(draw, batch, 1, side)),
            values.Latent: lambda: values.Latent(tensor(draw, batch, CHANNELS, cells)),
            values.Concat: lambda: values.Concat(tensor(draw, batch, CHANNELS + 1, cells)),
            values.Conditioning: lambda: values.Conditioning(
                torch.rand(batch, 28, WIDTH),
                draw(st.sampled_from([None, None, None, torch.rand(batch, 5)])),
            ),
            values.Autoencoder: lambda: models.autoencoder,
            values.UNet: lambda: models.unet,
            values.TextEncoder: lambda: models.text_encoder,
            values.Scenes: lambda: values.Scenes(7, batch, draw(st.sampled_from([32, 40])), (1, 2)),
            values.Schedule: lambda: values.Schedule(
                "scaled_linear",
                0.0015,
                0.0195,
                1000,
                (14.0, 3.0, 1.0, 0.0),
                from_noise=True,
                first=draw(st.integers(0, 1)),
            ),
            PictureSet: lambda: PictureSet(
                (255 * tensor(draw, batch, 3, side)).to(torch.uint8),
                draw(st.sampled_from([None, torch.zeros(batch, *side, dtype=torch.uint8)])),
            ),
            LabelMap: lambda: LabelMap(torch.zeros(batch, *side, dtype=torch.uint8)),
            values.Noise: lambda: values.Noise(draw(st.sampled_from(["latentgraph", "diffusers"]))),
        }
        return made[kind]()

    found = {}
    for key, port in node.inputs.items():
        if port.kind == "links":
            found[key] = [value(port.type) for _ in range(draw(st.integers(1, 3)))]
        elif port.type in (Control, Steer):
            continue  # read files of their own; see test_control.py and test_steer.py
        elif port.kind == "link" and (port.required or draw(st.integers(0, 3))):
            found[key] = value(port.type)
    return found


def header_facts(models: TinyModels) -> dict[type, Facts]:
    """What LoadModel says of the tiny models."""
    assert load_model.infer
    stage = load_model.infer(Inference({"model": models.file("autoencoder")}, {})) or {}
    denoiser = load_model.infer(Inference({"model": models.file("inpainting")}, {})) or {}
    return {
        values.Autoencoder: stage["autoencoder"],  # type: ignore[dict-item]
        values.UNet: denoiser["unet"],  # type: ignore[dict-item]
        values.TextEncoder: denoiser["text_encoder"],  # type: ignore[dict-item]
    }


def linked(
    node: AnyNode, given_values: Mapping[str, Any], headers: Mapping[type, Facts]
) -> tuple[Step, dict[Link, Facts]]:
    """A step of the node that reads the values, and the facts of each link."""
    links: dict[str, Any] = {}
    facts: dict[Link, Facts] = {}
    for key, value in given_values.items():
        several = value if isinstance(value, list) else [value]
        found = tuple(Link(f"{key}{at}", "value") for at in range(len(several)))
        for link, item in zip(found, several, strict=True):
            facts[link] = {**getattr(item, "facts", {}), **headers.get(type(item), {})}
        links[key] = found if isinstance(value, list) else found[0]
    types = {name: port.type for name, port in node.outputs.items()}
    return Step("step", node, {}, links, types), facts


def promised(
    step: Step, chosen: Mapping[str, Any], facts: Mapping[Link, Facts]
) -> dict[str, Facts]:
    """What the check says of the outputs."""
    arrivals = [
        Arrival(step.node.inputs[key], link, known(facts[link], str(link)))
        for key, source in step.links.items()
        for link in (source if isinstance(source, tuple) else (source,))
    ]
    outputs = examine("step", step.node, chosen, arrivals).outputs
    return {n: {} if isinstance(said, Absent) else plain(said) for n, said in outputs.items()}


SIZED = (values.Image, values.Mask, values.Latent, values.Concat)


@pytest.mark.parametrize("name", COMPUTED)
def test_what_is_promised_of_a_value_is_what_it_turns_out_to_be(
    name: str, models: TinyModels, ctx: FolderContext
) -> None:
    node = NODES[name]
    context = {node.declaration.context: ctx} if node.declaration.context else {}

    @given(data=st.data())
    @settings(
        max_examples=30, deadline=None, suppress_health_check=[HealthCheck.filter_too_much]
    )  # what is refused does not count, so every node is computed or the test fails
    def hold(data: st.DataObject) -> None:
        chosen = {key: data.draw(setting(port), label=key) for key, port in written(node).items()}
        brought = data.draw(inputs(node, models))
        step, facts = linked(node, brought, header_facts(models))
        try:
            verify(step, chosen, facts)
        except StepError:
            reject()  # so there is nothing to hold the promise against
        absent = dict.fromkeys(set(node.inputs) - set(chosen) - set(brought))
        made = node(**absent, **chosen, **brought, **context)
        results = dict(zip(node.outputs, made if node.declaration.several else [made], strict=True))
        output_facts(step, chosen, facts, results)  # refuses a broken promise
        for output, said in promised(step, chosen, facts).items():
            if isinstance(results[output], SIZED):
                assert {"h", "w", "n"} <= said.keys()

    hold()
