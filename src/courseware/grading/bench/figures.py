"""The figures of `course bench grading`, by name."""

from __future__ import annotations

from courseware.grading.bench.measuring import Cost, Measured

_OVER_OURS = ("stock_default", "stock_one_thread", "cold", "otter")


def figures(measured: Measured) -> dict[str, float]:
    """Return the figures of one lab; those of the light lab end in `_light`.

    CPU counts all processes that a command starts, and the command. What templates (and the floor's parent) cost
    before their first submission is left out, but for names with `with_preload`, where it is spread over the batch.
    """
    batch, costs = measured.submissions, measured.costs
    found = {"submissions": float(batch)}
    for name, cost in costs.items():
        found[f"{name}_cpu_s_per_submission"] = _cpu_s(cost, batch)
        found[f"{name}_submissions_per_minute"] = 60 * batch / cost.wall_s
        if cost.preload_cpu_s:
            found[f"{name}_preload_cpu_s"] = cost.preload_cpu_s
            found[f"{name}_with_preload_cpu_s_per_submission"] = cost.cpu_s / batch
    if "ours" in costs:
        found |= _against_ours(costs, batch)
    suffix = "" if measured.lab == "heavy" else f"_{measured.lab}"
    return {f"{name}{suffix}": round(value, 4) for name, value in found.items()}


def _against_ours(costs: dict[str, Cost], batch: int) -> dict[str, float]:
    ours = _cpu_s(costs["ours"], batch)
    found = {"submissions_per_minute": 60 * batch / costs["ours"].wall_s}
    for name in _OVER_OURS:
        if name in costs:
            found[f"{name}_over_ours_cpu"] = _cpu_s(costs[name], batch) / ours
            found[f"{name}_over_ours_with_preload_cpu"] = costs[name].cpu_s / costs["ours"].cpu_s
            found[f"{name}_over_ours_wall"] = costs[name].wall_s / costs["ours"].wall_s
        if name in costs and "memo" in costs:
            found[f"{name}_over_memo_cpu"] = _cpu_s(costs[name], batch) / _cpu_s(costs["memo"], batch)
    if "floor" in costs:
        found["ours_over_floor_cpu"] = ours / _cpu_s(costs["floor"], batch)
    return found


def _cpu_s(cost: Cost, batch: int) -> float:
    """CPU seconds of one submission without the preload."""
    return (cost.cpu_s - cost.preload_cpu_s) / batch
