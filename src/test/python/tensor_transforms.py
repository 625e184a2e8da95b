"""torchvision's transforms of tensors, which are plain Python, as `transforms` and `apply_op`.

torchvision declares the types of its compiled operations when it is imported. Where those cannot be loaded, such
as beside a PyTorch that was built for other devices, the import fails, although no transform of a tensor uses
them; then they are declared here.
"""

import sys

import torch

try:
    import torchvision
except RuntimeError:
    for module in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
        del sys.modules[module]
    _library = torch.library.Library("torchvision", "FRAGMENT")
    for _operation in ["nms", "qnms"]:
        _library.define(f"{_operation}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    import torchvision

from torchvision import transforms
from torchvision.transforms.autoaugment import _apply_op as apply_op

__all__ = ["apply_op", "torchvision", "transforms"]
