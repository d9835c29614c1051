"""Products of vectors, matrices and batches of matrices as they reach the engine; `matmul` is made of these.

Source: Petersen & Pedersen, The Matrix Cookbook, 2.5 (derivatives of traces); Giles 2008, An extended collection of
matrix derivative results, 2.2.
"""

from __future__ import annotations

from typing import Any

from app.explain.formula import Formula, formula, linear


def _times(scale: str, product: str) -> str:
    return product if scale == "1" else rf"{scale} \, {product}"


def _affine(first: str, second: str, *, beta: bool, alpha: bool, vector: bool = False) -> Formula:
    """`β self + α first second`; a factor of 1 is not written."""
    product = rf"<{first}> \, <{second}>"
    scale, own = ("<alpha>" if alpha else "1"), ("<beta>" if beta else "1")
    forward = f"{_times(own, '<self>')} + {_times(scale, product)}"
    left = linear(
        _times(scale, rf"<g> \otimes <{second}>" if vector else rf"<g> \, <{second}.T>"),
        lambda xp, v: v.alpha * (xp.outer(v.g, getattr(v, second)) if vector else v.g @ getattr(v, second).mT),
        rf"<g> \cdot <{second}.T>",
    )
    right = linear(
        _times(scale, rf"<{first}.T> \, <g>"),
        lambda xp, v: v.alpha * (getattr(v, first).mT @ v.g),
        rf"<{first}.T> \cdot <g>",
    )
    bias = linear(_times(own, "<g>"), lambda xp, v: v.beta * summed_to(v.g, v.self), "sum(<g>)", sparsity="selection")
    symbols = {"self": "c" if vector else "C", first: "A", second: "v" if vector else "B"}
    return Formula(forward, {"self": bias, first: left, second: right}, symbols)


def summed_to(g: Any, like: Any) -> Any:
    """`g` summed over the dimensions in which `like` was broadcast."""
    return g.sum_to_size(like.shape)


def _by_scale(first: str, second: str, *, vector: bool = False) -> Formula:
    def pick(args: Any) -> Formula:
        beta, alpha = getattr(args, "beta", 1) != 1, getattr(args, "alpha", 1) != 1
        return _affine(first, second, beta=beta, alpha=alpha, vector=vector)

    plain = _affine(first, second, beta=False, alpha=False, vector=vector)
    return Formula(plain.forward, plain.rules, plain.symbols, variant=pick)


def _product(first: str, second: str) -> Formula:
    left = linear(rf"<g> \, <{second}.T>", lambda xp, v: v.g @ getattr(v, second).mT, rf"<g> \cdot <{second}.T>")
    right = linear(rf"<{first}.T> \, <g>", lambda xp, v: getattr(v, first).mT @ v.g, rf"<{first}.T> \cdot <g>")
    return Formula(rf"<{first}> \, <{second}>", {first: left, second: right}, {first: "A", second: "B"})


MATMUL: dict[str, Formula] = {
    "mm": _product("self", "mat2"),
    "bmm": _product("self", "mat2"),
    "mv": formula(
        r"<self> \, <vec>",
        symbols={"self": "A", "vec": "v"},
        self=linear(r"<g> \, <vec>^{\top}", lambda xp, v: xp.outer(v.g, v.vec), r"<g> \cdot <vec.T>"),
        vec=linear(r"<self.T> \, <g>", lambda xp, v: v.self.T @ v.g, r"<self.T> \cdot <g>", local="<self>", whole=True),
    ),
    "dot": formula(
        r"<self> \cdot <tensor>",
        symbols={"self": "a", "tensor": "b"},
        self=linear(
            r"<g> \cdot <tensor>", lambda xp, v: v.g * v.tensor, r"<g> \cdot <tensor.T>", local="<tensor.T>", whole=True
        ),
        tensor=linear(
            r"<g> \cdot <self>", lambda xp, v: v.g * v.self, r"<g> \cdot <self.T>", local="<self.T>", whole=True
        ),
    ),
    "vdot": formula(
        r"<self> \cdot <other>",
        self=linear(
            r"<g> \cdot <other>", lambda xp, v: v.g * v.other, r"<g> \cdot <other.T>", local="<other.T>", whole=True
        ),
        other=linear(
            r"<g> \cdot <self>", lambda xp, v: v.g * v.self, r"<g> \cdot <self.T>", local="<self.T>", whole=True
        ),
    ),
    "addmm": _by_scale("mat1", "mat2"),
    "baddbmm": _by_scale("batch1", "batch2"),
    "addbmm": formula(
        r"<self> + \sum_{n} <batch1>_{n} \, <batch2>_{n}",
        self=linear("<g>", lambda xp, v: v.beta * summed_to(v.g, v.self), "sum(<g>)", sparsity="selection"),
        batch1=linear(r"<g> \, <batch2.T>", lambda xp, v: v.alpha * (v.g @ v.batch2.mT), r"<g> \cdot <batch2.T>"),
        batch2=linear(r"<batch1.T> \, <g>", lambda xp, v: v.alpha * (v.batch1.mT @ v.g), r"<batch1.T> \cdot <g>"),
    ),
    "addmv": _by_scale("mat", "vec", vector=True),
    "addr": formula(
        r"<self> + <vec1> \, <vec2>^{\top}",
        self=linear("<g>", lambda xp, v: v.beta * summed_to(v.g, v.self), "sum(<g>)", sparsity="selection"),
        vec1=linear(r"<g> \, <vec2>", lambda xp, v: v.alpha * (v.g @ v.vec2), r"<g> \cdot <vec2>"),
        vec2=linear(r"<g.T> \, <vec1>", lambda xp, v: v.alpha * (v.g.T @ v.vec1), r"<g.T> \cdot <vec1>"),
    ),
    "linear": formula(
        r"<input> \, <weight.T> + <bias>",
        input=linear(r"<g> \, <weight>", lambda xp, v: v.g @ v.weight, r"<g> \cdot <weight>"),
        weight=linear(
            r"<g.T> \, <input>",
            lambda xp, v: v.g.flatten(0, -2).T @ v.input.flatten(0, -2),
            r"<g.T> \cdot <input>",
        ),
        bias=linear("<g>", lambda xp, v: summed_to(v.g, v.bias), "sum(<g>)", sparsity="selection"),
    ),
}
