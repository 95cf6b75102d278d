"""PyTorch's side of bench/compare: python3 torch_steps.py DATA_FOLDER.

Says "ready" and its versions, then answers each line "WORK COUNT" of its input with one line: the milliseconds of so many repeats of that work.
A work is begun afresh when another was asked for before it. Ends with its input.

The nets and their training are those of the other engines, with PyTorch's own generator of random numbers and its own Adam, whose epsilon stands beside
the corrected root.
"""

import gzip
import os
import platform
import sys
import time

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

BATCH = 60
EVALUATED = 5000
STEPS_BEFORE_EVALUATION = 100
SIZES = [784, 300, 100, 10]
SHAPES = list(zip(SIZES, SIZES[1:]))
LEARNING_RATE = 0.0012
ADAM_EPSILON = 1e-7
SCALE_EPSILON = 1.1920929e-7


def idx(folder, name, head):
    """The bytes of an IDX file behind its head."""
    with gzip.open(os.path.join(folder, name + ".gz")) as file:
        return np.frombuffer(file.read(), dtype=np.uint8, offset=head)


class Data:
    """Training images as numbers from 0 to 1, and the batches: one permutation of them after another."""

    def __init__(self, folder):
        pixels = idx(folder, "train-images-idx3-ubyte", 16).reshape(-1, SIZES[0])
        self.images = torch.from_numpy(pixels.astype(np.float32) / 255)
        self.labels = torch.from_numpy(idx(folder, "train-labels-idx1-ubyte", 8).astype(np.int64))
        self.order = torch.empty(0, dtype=torch.int64)

    def batch(self):
        if len(self.order) < BATCH:
            self.order = torch.randperm(len(self.labels))
        items, self.order = self.order[:BATCH], self.order[BATCH:]
        return items


class Dense(nn.Module):
    """Ordinary layers; with a density, each weight is multiplied by a fixed random 0 or 1, which keeps its gradient 0 as well."""

    def __init__(self, density=None):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(fan_in, fan_out) for fan_in, fan_out in SHAPES)
        self.masks = None if density is None else [random_mask(layer.weight, i, density) for i, layer in enumerate(self.layers)]

    def forward(self, x):
        for i, layer in enumerate(self.layers):
            x = F.relu(x) if i > 0 else x
            x = layer(x) if self.masks is None else F.linear(x, layer.weight * self.masks[i], layer.bias)
        return x

    def kl(self):
        return 0


def random_mask(weight, layer, density):
    """The output layer is pruned at half the rate."""
    rate = 1 - density if layer + 1 < len(SHAPES) else (1 - density) / 2
    mask = torch.ones(weight.numel())
    mask[torch.randperm(weight.numel())[: int(rate * weight.numel() + 0.5)]] = 0
    return mask.view_as(weight)


class Flipout(nn.Module):
    """Gaussian weights as TensorFlow Probability's DenseFlipout: one draw a batch, decorrelated between examples by signs on inputs and outputs."""

    def __init__(self, fan_in, fan_out):
        super().__init__()
        self.mu = nn.Parameter(0.1 * torch.randn(fan_in, fan_out))
        self.rho = nn.Parameter(-3 + 0.1 * torch.randn(fan_in, fan_out))
        self.bias = nn.Parameter(0.1 * torch.randn(fan_out))

    def forward(self, x):
        self.sigma = SCALE_EPSILON + F.softplus(self.rho)
        delta = self.sigma * torch.randn_like(self.sigma)
        return torch.addmm(self.bias, x, self.mu) + (x * signs(len(x), len(self.mu))) @ delta * signs(len(x), len(self.bias))

    def kl(self):
        """To N(0, 1), summed over the weights; of the scales of the latest forward pass."""
        squares = self.sigma.square() + self.mu.square()
        return (squares / 2 - self.sigma.log()).sum() - self.mu.numel() / 2


def signs(rows, columns):
    return torch.randint(0, 2, (rows, columns), dtype=torch.float32).mul_(2).sub_(1)


class Bayesian(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList(Flipout(fan_in, fan_out) for fan_in, fan_out in SHAPES)

    def forward(self, x):
        for i, layer in enumerate(self.layers):
            x = layer(F.relu(x) if i > 0 else x)
        return x

    def kl(self):
        return sum(layer.kl() for layer in self.layers)


class Work:
    """A net in training, from its start."""

    def __init__(self, name, data):
        is_evaluation = name.startswith("evaluate-")
        kind, _, percent = (name[len("evaluate-") :] if is_evaluation else name).partition("-")
        if kind not in ("bayesian", "dense", "ticket"):
            raise ValueError(f"no work is called {name}")
        self.data = data
        self.net = Bayesian() if kind == "bayesian" else Dense(int(percent) / 100 if kind == "ticket" else None)
        self.adam = torch.optim.Adam(self.net.parameters(), lr=LEARNING_RATE, eps=ADAM_EPSILON)
        self.repeat = self.step
        if is_evaluation:
            for _ in range(STEPS_BEFORE_EVALUATION):
                self.step(data.batch())
            self.repeat = self.evaluate

    def step(self, items):
        x, labels = self.data.images[items], self.data.labels[items]
        self.adam.zero_grad(set_to_none=True)
        nll = F.cross_entropy(self.net(x), labels)
        (nll + self.net.kl() / len(self.data.labels)).backward()
        self.adam.step()
        return nll.item()

    def evaluate(self, _):
        with torch.no_grad():
            logits, labels = self.net(self.data.images[:EVALUATED]), self.data.labels[:EVALUATED]
            return F.cross_entropy(logits, labels).item(), (logits.argmax(1) == labels).sum().item()

    def milliseconds(self, count):
        times = []
        for _ in range(count):
            items = self.data.batch()
            began = time.perf_counter_ns()
            self.repeat(items)
            times.append((time.perf_counter_ns() - began) / 1e6)
        return times


def blas():
    """The library that multiplies matrices: which one decides more about the speed than PyTorch does."""
    if torch.backends.mkl.is_available():
        return "MKL"
    if not os.path.exists("/proc/self/maps"):
        return "unknown"
    with open("/proc/self/maps") as maps:
        paths = sorted({line.split()[-1] for line in maps if "blas" in os.path.basename(line.split()[-1])})
    if any("openblas" in path or "blis" in path or "atlas" in path for path in paths):
        return " ".join(os.path.basename(path) for path in paths)
    return "the reference one, which is slow (libopenblas0 is the fast one)" if paths else "built in"


def main():
    torch.set_num_threads(1)
    torch.set_num_interop_threads(1)
    torch.set_flush_denormal(True)  # or the moments of seldom inputs, decaying, would slow it down more and more
    torch.manual_seed(1)
    data = Data(sys.argv[1])
    torch.ones(2, 2) @ torch.ones(2, 2)
    print(f"ready {torch.__version__}, Python {platform.python_version()}, BLAS: {blas()}", flush=True)
    name, work = None, None
    for line in sys.stdin:
        asked, count = line.split()
        if asked != name:
            name, work = asked, Work(asked, data)
        print(*(f"{ms:.6f}" for ms in work.milliseconds(int(count))), flush=True)


if __name__ == "__main__":
    main()
