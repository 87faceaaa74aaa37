"""Whether a denoiser predicts noise or velocity, which no shape tells: who says so, in order."""

from __future__ import annotations

from nodes.checkpoints.detection.families import Family
from nodes.checkpoints.header import Header
from nodes.ldm.config import Prediction

METADATA_KEY = "modelspec.prediction_type"
_SPOKEN: dict[str, Prediction] = {"epsilon": "eps", "eps": "eps", "v": "v", "v_prediction": "v"}
_V_NAMES = ("768-v", "768v", "v2-1_768", "vpred", "v-pred", "v_pred", "768-nonema", "768-ema")


def prediction_of(family: Family, header: Header, name: str) -> tuple[Prediction, str]:
    """What the denoiser predicts and who says so: the file, its name, or its family.

    Args:
        family: What was recognised.
        header: Of the file.
        name: Of the file.
    """
    spoken = _SPOKEN.get(header.metadata.get(METADATA_KEY, "").lower())
    if spoken:
        return spoken, f"the file's {METADATA_KEY}"
    if "v_pred" in header.tensors:
        return "v", "the marker tensor v_pred"
    if family.prediction:
        return family.prediction, "published with this family"
    mark = next((mark for mark in _V_NAMES if mark in name.lower()), None)
    if mark:
        return "v", f"the file's name holds {mark}"
    return "eps", "nothing says v; if pictures come out as brown noise, choose v"
