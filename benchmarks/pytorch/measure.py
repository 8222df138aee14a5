#!/usr/bin/env python3
"""Measures PyTorch on the work that Makemore.Gpu is measured on: training steps, of one network or of many at once, and products of square
matrices.

    measure.py train --recipe batchnorm --variant graphs       steps a second
    measure.py networks --recipe batchnorm --count 132         steps a second of all networks together
    measure.py product --form left-transposed --tf32           products a second
    measure.py about                                           the versions, and the device
    measure.py turns                                           each line of standard input is one of the calls above

Each prints JSON objects, one a line. With "turns" a call measures one round, so that programs can take turns on one device.

Every variant of training does the same work: it draws a batch on the device, embeds it, computes the loss and all gradients, and updates
the parameters. The layers are PyTorch's own, which are faster than the lectures' code. The data are random tokens, as many as the training
split of names.txt has. Of many networks, each has a batch of its own; their parameters are stacked, and torch.func maps one network's
gradients over them.
"""

import argparse
import gc
import json
import math
import shlex
import statistics
import sys
import time

import torch
from torch import nn

VOCABULARY, CONTEXT, EMBEDDING, EXAMPLES = 27, 3, 10, 182_625
LEARNING_RATE = 0.1
WARM_UP_STEPS = 3

# For the recipe whose normalization adds no epsilon. PyTorch demands one, and this one is negligible beside any variance.
NO_EPSILON = torch.finfo(torch.float32).tiny


# The networks


def batch_norm(width, momentum, epsilon):
    layer = nn.BatchNorm1d(width, eps=epsilon, momentum=momentum)
    layer.num_batches_tracked = None  # counting the batches takes a launch, and nothing reads the count
    return layer


def linear(inputs, outputs, deviation, bias):
    layer = nn.Linear(inputs, outputs, bias)
    nn.init.normal_(layer.weight, std=deviation)
    return layer


def recipe_batchnorm(hidden):
    inputs = CONTEXT * EMBEDDING
    return [
        linear(inputs, hidden, (5 / 3) / math.sqrt(inputs), bias=False),
        batch_norm(hidden, momentum=0.001, epsilon=NO_EPSILON),
        nn.Tanh(),
        linear(hidden, VOCABULARY, 0.01, bias=True),
    ]


def recipe_deep_batchnorm(hidden):
    layers = []
    inputs = CONTEXT * EMBEDDING
    for outputs in [hidden] * 5 + [VOCABULARY]:
        layers += [linear(inputs, outputs, 1 / math.sqrt(inputs), bias=False), batch_norm(outputs, momentum=0.1, epsilon=1e-5), nn.Tanh()]
        inputs = outputs
    layers.pop()  # no tanh after the logits
    nn.init.constant_(layers[-1].weight, 0.1)
    return layers


RECIPES = {"batchnorm": (recipe_batchnorm, 200), "deep-batchnorm": (recipe_deep_batchnorm, 100)}


def network_of(arguments):
    layers, lecture_hidden = RECIPES[arguments.recipe]
    return nn.Sequential(nn.Embedding(VOCABULARY, EMBEDDING), nn.Flatten(), *layers(arguments.hidden or lecture_hidden))


class Examples:
    """The training split on the device."""

    def __init__(self, device):
        self.device = device
        self.tokens = torch.randint(0, VOCABULARY, (EXAMPLES, CONTEXT), device=device)
        self.targets = torch.randint(0, VOCABULARY, (EXAMPLES,), device=device)

    def draw(self, *shape):
        drawn = torch.randint(0, EXAMPLES, shape, device=self.device)
        return self.tokens[drawn], self.targets[drawn]


# The variants of a training step


class Training:
    """A network, its data on the device, and one step of training."""

    def __init__(self, arguments):
        self.batch = arguments.batch
        self.examples = Examples(arguments.device)
        self.network = network_of(arguments).to(arguments.device)
        self.parameters = list(self.network.parameters())
        self.optimizer = torch.optim.SGD(self.parameters, lr=LEARNING_RATE)

    def compute(self, tokens, targets):
        return nn.functional.cross_entropy(self.network(tokens), targets)

    def step(self, compute):
        compute(*self.examples.draw(self.batch)).backward()
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)


class StackedTraining:
    """Many networks, their parameters and running statistics stacked, and one step of training all of them."""

    def __init__(self, arguments):
        self.count, self.batch = arguments.count, arguments.batch
        self.examples = Examples(arguments.device)
        networks = [network_of(arguments) for _ in range(self.count)]
        self.layers = networks[0]
        stacked, statistics = torch.func.stack_module_state(networks)
        self.named = {name: values.detach().to(arguments.device) for name, values in stacked.items()}
        self.statistics = {name: values.to(arguments.device) for name, values in statistics.items()}
        self.parameters = list(self.named.values())
        self.gradients = torch.func.vmap(torch.func.grad(self.loss, has_aux=True))

    def loss(self, named, statistics, tokens, targets):
        """The loss of one network, and its running statistics afterwards: within a map, nothing may be changed in passing."""
        x, followed = tokens, {}
        for name, layer in self.layers.named_children():
            own = {key: named[f"{name}.{key}"] for key, _ in layer.named_parameters()}
            if isinstance(layer, nn.BatchNorm1d):
                x, mean, deviation = torch.native_batch_norm(x, own["weight"], own["bias"], None, None, True, 0, layer.eps)
                variance = deviation.pow(-2).sub(layer.eps).mul(self.batch / (self.batch - 1))  # the deviation is inverse, by N
                for key, value in (("running_mean", mean), ("running_var", variance)):
                    followed[f"{name}.{key}"] = torch.lerp(statistics[f"{name}.{key}"], value, layer.momentum)
            else:
                x = torch.func.functional_call(layer, own, (x,))
        return nn.functional.cross_entropy(x, targets), followed

    def compute(self, tokens, targets):
        gradients, followed = self.gradients(self.named, self.statistics, tokens, targets)
        torch._foreach_add_(self.parameters, [gradients[name] for name in self.named], alpha=-LEARNING_RATE)
        torch._foreach_copy_(list(self.statistics.values()), [followed[name] for name in self.statistics])

    def step(self, compute):
        compute(*self.examples.draw(self.count, self.batch))


def check(training):
    if not all(torch.isfinite(parameter).all() for parameter in training.parameters):
        raise ArithmeticError("the training diverged, so that its speed means nothing")


def captured(step):
    """The step as a CUDA graph: captured once, and then replayed by one launch."""
    if not torch.cuda.is_available():
        raise ValueError("CUDA graphs need --device cuda")
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(WARM_UP_STEPS):
            step()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        step()
    return graph.replay


def eager(training):
    return lambda: training.step(training.compute)


def compiled(training):
    compute = torch.compile(training.compute)
    return lambda: training.step(compute)


VARIANTS = {
    "eager": eager,
    "graphs": lambda training: captured(eager(training)),
    "compile": compiled,
    "compile+graphs": lambda training: captured(compiled(training)),
}


def prepare_training(arguments):
    training = (Training if arguments.work == "train" else StackedTraining)(arguments)
    return VARIANTS[arguments.variant](training), lambda: check(training)


# The products


FORMS = {
    "plain": lambda a, b, c: torch.mm(a, b, out=c),
    "left-transposed": lambda a, b, c: torch.mm(a.t(), b, out=c),
    "right-transposed": lambda a, b, c: torch.mm(a, b.t(), out=c),
}


def prepare_product(arguments):
    a, b, c = (torch.rand(arguments.size, arguments.size, device=arguments.device) * 2 - 1 for _ in range(3))
    return lambda: FORMS[arguments.form](a, b, c), lambda: None


# Measuring


def elapsed(run, count, device):
    """Seconds that a number of runs takes, from an idle device to an idle device."""
    if device == "cuda":
        torch.cuda.synchronize()
    start = time.perf_counter()
    for _ in range(count):
        run()
    if device == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - start


class Measurement:
    """Work that is prepared once and measured in rounds of about the given seconds each."""

    def __init__(self, arguments):
        self.device = arguments.device
        self.run, self.check = (prepare_product if arguments.work == "product" else prepare_training)(arguments)
        self.networks = getattr(arguments, "count", 1)
        elapsed(self.run, WARM_UP_STEPS, self.device)
        self.count, seconds = 1, 0.0
        while (seconds := elapsed(self.run, self.count, self.device)) < arguments.seconds / 4:
            self.count *= 2
        self.count = math.ceil(self.count * arguments.seconds / seconds)

    def per_second(self):
        rate = self.networks * self.count / elapsed(self.run, self.count, self.device)
        self.check()
        return rate


class Measurements:
    """The prepared measurements of one work. Another work frees them, because it needs their memory."""

    def __init__(self):
        self.work, self.prepared = None, {}

    def get(self, arguments):
        work = {name: value for name, value in vars(arguments).items() if name != "variant"}
        if work != self.work:
            if self.prepared:
                self.prepared = {}
                gc.collect()
                torch.cuda.empty_cache()
                # torch.compile silently stops compiling a function that it has compiled for too many networks.
                torch.compiler.reset()
            self.work = work
            # TF32: tensor cores round the operands of float32 products to 10 bits.
            torch.set_float32_matmul_precision("high" if arguments.tf32 else "highest")
        key = getattr(arguments, "variant", None)
        if key not in self.prepared:
            self.prepared[key] = Measurement(arguments)
        return self.prepared[key]


def about(arguments):
    is_cuda = arguments.device == "cuda"
    if is_cuda and not torch.cuda.is_available():
        raise ValueError("this PyTorch finds no CUDA device")
    return {"pytorch": torch.__version__, "device": torch.cuda.get_device_name() if is_cuda else "the processor"}


def turns():
    measurements = Measurements()
    for line in sys.stdin:
        try:
            arguments = parser().parse_args(shlex.split(line))
            answer = about(arguments) if arguments.work == "about" else {"per_second": measurements.get(arguments).per_second()}
        except (Exception, SystemExit) as fault:  # a call that fails must not end the others
            print(f"{line.strip()}: {fault!r}", file=sys.stderr, flush=True)
            answer = {"error": f"{type(fault).__name__}: {fault}".strip().splitlines()[0]}
        print(json.dumps(answer), flush=True)


def parser():
    commands = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    works = commands.add_subparsers(dest="work", required=True)
    train = works.add_parser("train", help="steps of training a second")
    networks = works.add_parser("networks", help="steps of training many networks at once a second, of all together")
    networks.add_argument("--count", type=int, default=132, help="how many networks; 132")
    for training in (train, networks):
        training.add_argument("--recipe", choices=RECIPES, default="batchnorm")
        training.add_argument("--hidden", type=int, help="units of each hidden layer; the recipe's")
        training.add_argument("--batch", type=int, default=32)
        training.add_argument("--variant", choices=VARIANTS, default="eager")
    product = works.add_parser("product", help="products of square matrices a second")
    product.add_argument("--form", choices=FORMS, default="plain")
    product.add_argument("--size", type=int, default=4096)
    for measured in (train, networks, product):
        measured.add_argument("--tf32", action="store_true", help="let tensor cores round the operands of products; off")
        measured.add_argument("--seconds", type=float, default=0.3, help="how long a round takes; 0.3")
        measured.add_argument("--rounds", type=int, default=5, help="how many; the median counts; 5")
    for command in (train, networks, product, works.add_parser("about", help="the versions, and the device")):
        command.add_argument("--device", choices=["cuda", "cpu"], default="cuda")
    works.add_parser("turns", help="takes one of these calls from each line of standard input, for one round")
    return commands


def main():
    arguments = parser().parse_args()
    if arguments.work == "turns":
        turns()
    elif arguments.work == "about":
        print(json.dumps(about(arguments)))
    else:
        measurement = Measurements().get(arguments)
        rounds = [measurement.per_second() for _ in range(arguments.rounds)]
        print(json.dumps({"per_second": rounds, "median": statistics.median(rounds)}))


if __name__ == "__main__":
    main()
