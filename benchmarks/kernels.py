"""The step of the CPU runtime in NumPy, compiled by numba, and as a graph for ONNX Runtime.

    pip install numba onnx onnxruntime && OPENBLAS_NUM_THREADS=1 python benchmarks/kernels.py

All run in one process, on one thread, over 512 paths of each replica and 32 days from the same
innovations. The law of the innovations and the noise are left out. The innermost loops of numba run
over paths, so that the compiler can use the widest registers of the processor.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

import simgan
from simgan.sampling.runtimes.cpu import COLUMNS, STEPS, _Folded, _Rolling

begun = time.perf_counter()
import numba as nb  # noqa: E402

NUMBA = time.perf_counter() - begun
begun = time.perf_counter()
import onnxruntime  # noqa: E402

ONNX = time.perf_counter() - begun
from onnx import numpy_helper, parser  # noqa: E402  (only to write the graph)

MODEL = simgan.load("reference")
BLUEPRINT = MODEL.bundle.manifest.blueprint
FOLDED = _Folded(BLUEPRINT, MODEL.bundle.weights)
NEWS = np.random.default_rng(0).standard_normal(
    (BLUEPRINT.replicas, STEPS, COLUMNS), dtype=np.float32
)
f4 = np.float32


@nb.njit(fastmath=True, cache=True, error_model="numpy")
def roll(  # noqa: C901, PLR0913
    state,
    news,
    out,
    shares,
    base,
    hidden,
    absolute,
    linear,
    log_scale,
    correction,
    over_bound,
    drift,
    trend,
    decay,
    arrival,
    kinds,
    guard,
):  # type: ignore[no-untyped-def]
    """State (R, W, paths) and innovations (R, steps, paths) → out, by the names of the runtime."""
    count, trends = kinds
    squares = 2 * count
    paths = state.shape[2]
    ratios = np.ones((squares + 1, paths), f4)
    level, turn, spare = np.empty(paths, f4), np.empty(paths, f4), np.empty(paths, f4)
    for r in range(state.shape[0]):
        for t in range(news.shape[1]):
            level[:] = base[r, 0, 0]
            for k in range(squares):
                for p in range(paths):
                    level[p] += shares[r, 0, k] * state[r, k, p]
            for p in range(paths):
                spare[p] = f4(1) / level[p]
            for k in range(squares):
                for p in range(paths):
                    ratios[k, p] = np.log(state[r, k, p] * spare[p] + f4(0.01))
            turn[:] = 0
            for k in range(squares + 1):
                for p in range(paths):
                    turn[p] += linear[r, 0, k] * ratios[k, p]
            for j in range(hidden.shape[1]):
                spare[:] = 0
                for k in range(squares + 1):
                    for p in range(paths):
                        spare[p] += hidden[r, j, k] * ratios[k, p]
                for p in range(paths):
                    turn[p] += absolute[r, 0, j] * abs(spare[p])
            for p in range(paths):
                variance = np.exp(np.tanh(turn[p]) * correction + log_scale[r, 0, 0]) * level[p]
                share = variance * over_bound[r, 0, 0]
                value = (
                    drift[r, 0, 0]
                    + np.sqrt(variance / np.sqrt(f4(1) + share * share)) * news[r, t, p]
                )
                for j in range(trends):
                    value += trend[r, 0, j] * state[r, squares + j, p]
                out[r, t, p] = value
                slow = f4(0)
                for k in range(count // 2, count):
                    slow += state[r, k, p]
                square = min(value * value, slow * guard)
                fallen = f4(2) * square if value < 0 else f4(0)
                signed = -np.sqrt(square) if value < 0 else np.sqrt(square)
                for k in range(count):
                    state[r, k, p] = state[r, k, p] * decay[k, 0] + arrival[k, 0] * square
                    state[r, count + k, p] = (
                        state[r, count + k, p] * decay[count + k, 0]
                        + arrival[count + k, 1] * fallen
                    )
                for j in range(trends):
                    state[r, squares + j, p] = (
                        state[r, squares + j, p] * decay[squares + j, 0]
                        + arrival[squares + j, 2] * signed
                    )


def start() -> np.ndarray:
    """Memories of all paths."""
    one = MODEL.bundle.latest[:, :, None]
    return np.array(np.broadcast_to(one, (BLUEPRINT.replicas, one.shape[1], COLUMNS)))


def by_numba() -> np.ndarray:
    """Scaled returns (R, steps, paths)."""
    w, out = FOLDED, np.empty_like(NEWS)
    kinds = len(BLUEPRINT.half_lives), len(BLUEPRINT.trends)
    constants = (
        w.shares,
        w.base,
        w.hidden,
        w.absolute,
        w.linear,
        w.log_scale,
        w.correction,
        w.over_bound,
        w.drift,
        w.trend,
        w.decay,
    )
    roll(start(), NEWS, out, *constants, w.arrival, kinds, w.guard)
    return out


def by_numpy() -> np.ndarray:
    """The same by the runtime."""
    rolling, out = _Rolling(FOLDED, start()), np.empty_like(NEWS)
    for step in range(STEPS):
        out[:, step] = rolling.next(NEWS[:, step, None])
    return out


GRAPH = """<ir_version: 8, opset_import: ["" : 17]>
kernel (float[R,W,C] start, float[T,R,1,C] news) => (float[R,W,C] after, float[T,R,1,C] out) {
  after, out = Scan <num_scan_inputs = 1, body = step (float[R,W,C] state, float[R,1,C] z) =>
      (float[R,W,C] next, float[R,1,C] value) {
    held = Slice(state, first, squares, paths)
    trends = Slice(state, squares, width, paths)
    slow = Slice(state, half, count, paths)
    level_of = MatMul(shares, held)
    level = Add(level_of, base)
    turned = Reciprocal(level)
    relative = Mul(held, turned)
    floored = Add(relative, floor)
    logs = Log(floored)
    ratios = Concat <axis = 1> (logs, ones)
    inner = MatMul(hidden, ratios)
    size = Abs(inner)
    bent = MatMul(absolute, size)
    straight = MatMul(linear, ratios)
    both = Add(bent, straight)
    flat = Tanh(both)
    small = Mul(flat, correction)
    moved = Add(small, log_scale)
    factor = Exp(moved)
    variance = Mul(factor, level)
    share = Mul(variance, over_bound)
    square_share = Mul(share, share)
    more = Add(square_share, one)
    root = Sqrt(more)
    bounded = Div(variance, root)
    sigma = Sqrt(bounded)
    shock = Mul(sigma, z)
    trend_of = MatMul(trend, trends)
    location = Add(trend_of, drift)
    value = Add(shock, location)
    slow_sum = ReduceSum(slow, paths)
    most = Mul(slow_sum, guard)
    raw = Mul(value, value)
    square = Min(raw, most)
    has_fallen = Less(value, zero)
    twice = Add(square, square)
    fallen = Where(has_fallen, twice, zero)
    length = Sqrt(square)
    sign = Sign(value)
    signed = Mul(length, sign)
    arriving = Concat <axis = 1> (square, fallen, signed)
    update = MatMul(arrival, arriving)
    kept = Mul(state, decay)
    next = Add(kept, update)
  }> (start, news)
}"""


def onnx_session() -> onnxruntime.InferenceSession:
    """The graph with the weights of the runtime, on one thread."""
    w, count, model = FOLDED, len(BLUEPRINT.half_lives), parser.parse_model(GRAPH)
    numbers = {
        "first": 0,
        "squares": 2 * count,
        "width": BLUEPRINT.memory.width,
        "half": count // 2,
        "count": count,
        "paths": 1,
    }
    floats = {"floor": 0.01, "one": 1.0, "zero": 0.0, "correction": w.correction, "guard": w.guard}
    names = (
        "shares",
        "base",
        "hidden",
        "absolute",
        "linear",
        "log_scale",
        "over_bound",
        "drift",
        "trend",
        "decay",
        "arrival",
    )
    constants = {name: np.array([value], np.int64) for name, value in numbers.items()}
    constants |= {name: np.array(value, f4) for name, value in floats.items()} | {
        name: getattr(w, name) for name in names
    }
    constants["ones"] = np.ones((BLUEPRINT.replicas, 1, COLUMNS), f4)
    model.graph.initializer.extend(
        numpy_helper.from_array(value, name) for name, value in constants.items()
    )
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )


def nanoseconds(action: Callable[[], object]) -> float:
    """Least processor time per path and step of ten runs."""
    found = []
    for _ in range(10):
        started = time.process_time()
        action()
        found.append(time.process_time() - started)
    return min(found) / NEWS.size * 1e9


def main() -> None:
    """Print all."""
    begun = time.perf_counter()
    compiled = by_numba()
    print(
        f"numba {nb.__version__}: import {NUMBA:.2f} s, first call "
        f"{time.perf_counter() - begun:.2f} s (compiled, or from its cache)"
    )
    begun = time.perf_counter()
    session = onnx_session()
    print(
        f"ONNX Runtime {onnxruntime.__version__}: import {ONNX:.2f} s, session "
        f"{time.perf_counter() - begun:.2f} s"
    )

    def by_onnx() -> np.ndarray:
        feeds = {
            "start": start(),
            "news": np.ascontiguousarray(NEWS.transpose(1, 0, 2)[:, :, None]),
        }
        return np.asarray(session.run(["out"], feeds)[0])[:, :, 0].transpose(1, 0, 2)

    print(
        f"largest differences {np.abs(compiled - by_numpy()).max():.1e}, "
        f"{np.abs(by_onnx() - by_numpy()).max():.1e}"
    )
    own = nanoseconds(by_numpy)
    for name, action in (("numba", by_numba), ("ONNX Runtime", by_onnx)):
        other = nanoseconds(action)
        print(f"NumPy {own:.0f} ns a step, {name} {other:.0f}: {other / own:.2f} times as long")


if __name__ == "__main__":
    main()
