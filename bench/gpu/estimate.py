#!/usr/bin/env python3
"""What a step of each kind of net costs a multiprocessor of an H100, counted: instructions of the assembled loops (bench/gpu/registers
assembles the kernels; nvdisasm shows their loops) and bytes of the device's memory. No measurement: two bounds, as if arithmetic and memory
never overlapped, and as if they always did. Networks 784-300-100-10, batch 60, an evaluation of 5,000 images every hundred steps.

    python3 bench/gpu/estimate.py
"""
CLOCK, PER_CLOCK = 1.7e9, 4                 # instructions of whole warps
SHARE = 2.6e12 / 132                        # bytes per second of a multiprocessor, of what a stream was measured to reach
LAYERS = ((784, 300), (300, 100), (100, 10))
ACTIVE, ACTIVE_FOURS = 0.63, 0.74           # pixels that aren't 0 in a whole batch of MNIST; fours of neighbours of which one isn't
EVALUATED = 5_000 / 64 / 100                # blocks of 64 images per step

# Instructions per round of the loops, from the assembled code.
FORWARD, FORWARD_FLIPOUT, LEFT_OUT = 38, 60, 10         # 16 or 32 sums' products of one input
GRADIENT, GRADIENT_FLIPOUT = 31, 53                     # the same of one example
BACK, ADAM, UPDATE_FLIPOUT, NOISE = 13, 75, 227, 138    # four products; a weight
LOAD = 142                                              # four pixels
SPARSE_FORWARD, SPARSE_BACK, LANES, TREE_AND_ADAM = 21, 30, 37, 134     # four products; a lane's; a weight


def padded(count):
    return (count + 15) // 16 * 16


def weights():
    return sum(i * padded(o) for i, o in LAYERS)


def forward(per_round):
    rounds = 0
    for number, (inputs, outputs) in enumerate(LAYERS):
        per_item = inputs * (ACTIVE * per_round + (1 - ACTIVE) * LEFT_OUT if number == 0 else per_round)
        rounds += padded(outputs) // 4 * 16 / 32 * per_item
    return rounds


def gradient(per_round):
    return sum(
        (inputs + 3) // 4 * (padded(outputs) // 4) / 32 * 60 * per_round * (ACTIVE_FOURS if number == 0 else 1)
        for number, (inputs, outputs) in enumerate(LAYERS))


def back(products):
    return sum(15 * inputs * outputs / 32 * BACK * products for inputs, outputs in LAYERS[1:])


def dense():
    load = 196 * 64 / 32 * LOAD
    phases = {"load": load, "forward": forward(FORWARD), "gradient": gradient(GRADIENT), "back": back(1), "Adam": weights() / 32 * ADAM}
    return phases | {"evaluation": EVALUATED * (load + forward(FORWARD))}, 24 * weights(), 128


def bayesian():
    phases, _, nets = dense()
    phases |= {
        "forward": forward(FORWARD_FLIPOUT), "gradient": gradient(GRADIENT_FLIPOUT), "back": back(2),
        "noise and KL": weights() / 32 * NOISE * (0.55 + 0.45 * ACTIVE), "Adam": weights() / 32 * UPDATE_FLIPOUT}
    return phases, 76 * weights(), nets


def ticket(percent):
    kept = sum(i * o for i, o in LAYERS) * percent / 100
    first, load = 0.88 * kept, 196 * 64 / 32 * LOAD
    seen = first * ACTIVE + kept - first
    phases = {
        "load": load, "forward": (seen * SPARSE_FORWARD + (kept - seen) * 12) * 16 / 32, "back": (kept - first) * 16 / 32 * SPARSE_BACK,
        "gradient": (seen * LANES + (kept - seen) * 14) * 16 / 32, "Adam": kept / 32 * TREE_AND_ADAM}
    return phases | {"evaluation": EVALUATED * (load + phases["forward"])}, 36 * kept, 132


def main():
    print("work,arithmetic_us,memory_us,net_steps_per_second_from,net_steps_per_second_to,phases_us")
    works = {"bayesian": bayesian(), "dense": dense()} | {f"ticket-{percent}": ticket(percent) for percent in (20, 5, 1)}
    for name, (phases, moved, nets) in works.items():
        microseconds = {phase: count / PER_CLOCK / CLOCK * 1e6 for phase, count in phases.items()}
        arithmetic, memory = sum(microseconds.values()), moved / SHARE * 1e6
        parts = " ".join(f"{phase} {time:.0f}" for phase, time in microseconds.items())
        print(f"{name},{arithmetic:.0f},{memory:.0f},{nets / (arithmetic + memory) * 1e6:.0f},{nets / max(arithmetic, memory) * 1e6:.0f},{parts}")


if __name__ == "__main__":
    main()
