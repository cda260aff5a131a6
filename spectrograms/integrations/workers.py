"""Worker processes of other libraries, recognised without importing these."""

from __future__ import annotations

import sys


def in_loader_worker() -> bool:
    """Whether this is a worker process of a PyTorch DataLoader, which has one core to itself."""
    torch_data = sys.modules.get("torch.utils.data")
    return torch_data is not None and torch_data.get_worker_info() is not None
