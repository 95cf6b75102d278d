#!/usr/bin/env python3
"""Steps per second of many networks trained at once by JAX (vmap over networks, scan over steps), to compare with bench/gpu/check.

Networks 784-300-100-10, batch 60, Adam as Keras has it, cross entropy; a Bayesian one is mean-field Gaussian with Flipout and the KL to
N(0, 1); a ticket is a dense network whose weights are multiplied by a mask, whatever its density. Images are random, with a fifth of the
pixels set. Prints the lines of bench/gpu/check --csv; the device's name says the precision of products.

    python3 bench/gpu/jax_nets.py [--nets 128] [--seconds 6] [--works bayesian,dense,ticket] [--csv FILE]
"""
import argparse
import datetime
import time

import jax
import jax.numpy as jnp

SIZES = (784, 300, 100, 10)
BATCH, IMAGES, STEPS = 60, 55_000, 100
LEARNING_RATE, BETA1, BETA2, EPSILON = 0.0012, 0.9, 0.999, 1e-7


def layers():
    return list(zip(SIZES[:-1], SIZES[1:]))


def initial(key, bayesian):
    """One network's parameters: per layer a mean or weight, a rho where there is one, a bias."""
    parameters = []
    for fan_in, fan_out in layers():
        key, own = jax.random.split(key)
        layer = {"w": 0.1 * jax.random.normal(own, (fan_in, fan_out)), "b": jnp.zeros(fan_out)}
        if bayesian:
            layer["rho"] = jnp.full((fan_in, fan_out), -3.0)
        parameters.append(layer)
    return parameters


def forward(parameters, x, key):
    """Logits of a batch and the KL, nats; a network without rho draws nothing."""
    kl = 0.0
    for number, layer in enumerate(parameters):
        h = x @ layer["w"] + layer["b"]
        if "rho" in layer:
            key, of_weights, of_inputs, of_outputs = jax.random.split(key, 4)
            sigma = 1e-6 + jax.nn.softplus(layer["rho"])
            s = jax.random.rademacher(of_inputs, x.shape, dtype=x.dtype)
            r = jax.random.rademacher(of_outputs, h.shape, dtype=x.dtype)
            h = h + r * ((x * s) @ (sigma * jax.random.normal(of_weights, sigma.shape)))
            kl += jnp.sum(0.5 * (sigma**2 + layer["w"] ** 2 - 1) - jnp.log(sigma))
        x = h if number == len(parameters) - 1 else jax.nn.relu(h)
    return x, kl


def loss(parameters, mask, x, labels, key):
    if mask is not None:
        parameters = [{**layer, "w": layer["w"] * kept} for layer, kept in zip(parameters, mask)]
    logits, kl = forward(parameters, x, key)
    nll = -jnp.mean(jax.nn.log_softmax(logits)[jnp.arange(BATCH), labels])
    return nll + kl / IMAGES


def step(state, key, mask, images, labels):
    parameters, m, v, t = state
    of_items, of_noise = jax.random.split(key)
    items = jax.random.randint(of_items, (BATCH,), 0, IMAGES)
    gradient = jax.grad(loss)(parameters, mask, images[items].astype(jnp.float32) / 255, labels[items], of_noise)
    t = t + 1
    m = jax.tree.map(lambda a, g: a + (1 - BETA1) * (g - a), m, gradient)
    v = jax.tree.map(lambda a, g: a + (1 - BETA2) * (g * g - a), v, gradient)
    size = LEARNING_RATE * jnp.sqrt(1 - BETA2**t) / (1 - BETA1**t)
    parameters = jax.tree.map(lambda p, a, b: p - size * a / (jnp.sqrt(b) + EPSILON), parameters, m, v)
    return parameters, m, v, t


def speed(work, nets, seconds, images, labels):
    """Steps of single networks per second."""
    keys = jax.random.split(jax.random.key(1), nets)
    parameters = jax.vmap(lambda key: initial(key, work == "bayesian"))(keys)
    zeros = jax.tree.map(jnp.zeros_like, parameters)
    state = (parameters, zeros, zeros, jnp.zeros(nets))
    mask = None
    if work == "ticket":
        mask = [(jax.random.uniform(jax.random.key(7 + n), (nets, *shape)) < 0.05).astype(jnp.float32) for n, shape in enumerate(layers())]

    @jax.jit
    def interval(state, keys, mask):
        def one(state, key, mask):
            return jax.lax.scan(lambda s, k: (step(s, k, mask, images, labels), None), state, jax.random.split(key, STEPS))[0]

        return jax.vmap(one)(state, keys, mask)

    state = jax.block_until_ready(interval(state, keys, mask))
    begun, intervals = time.perf_counter(), 0
    while time.perf_counter() - begun < seconds:
        keys = jax.vmap(lambda key: jax.random.split(key)[0])(keys)
        state = jax.block_until_ready(interval(state, keys, mask))
        intervals += 1
    return nets * STEPS * intervals / (time.perf_counter() - begun)


def main():
    flags = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    flags.add_argument("--nets", type=int, default=128)
    flags.add_argument("--seconds", type=float, default=6)
    flags.add_argument("--works", default="bayesian,dense,ticket")
    flags.add_argument("--csv")
    given = flags.parse_args()
    key = jax.random.key(0)
    images = (jax.random.randint(key, (IMAGES, SIZES[0]), 0, 256) * jax.random.bernoulli(key, 0.2, (IMAGES, SIZES[0]))).astype(jnp.uint8)
    labels = jax.random.randint(key, (IMAGES,), 0, SIZES[-1])
    lines = ["work,nets,net_steps_per_second,device,date"]
    for precision in ("float32", "tensorfloat32"):
        with jax.default_matmul_precision(precision):
            for work in given.works.split(","):
                found = speed(work, given.nets, given.seconds, images, labels)
                lines.append(f'{work},{given.nets},{found:.0f},"JAX {jax.__version__} {precision}, {jax.devices()[0].device_kind}",'
                             f"{datetime.date.today()}")
                print(lines[-1], flush=True)
    if given.csv:
        with open(given.csv, "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
