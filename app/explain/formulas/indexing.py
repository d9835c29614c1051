"""Taking elements, rows and slices: backward puts the gradient back where forward picked, and zeros elsewhere.

Source: derivatives.yaml; the transpose of a selection matrix.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.explain.formula import Formula, formula, linear

ZEROED = "Zeroed places get no gradient."
PUT_BACK = "The gradient returns to the places that were taken; all others get 0."


def _put(view: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """Zeros of the input's shape with the gradient written through the same view."""

    def code(xp: Any, v: Any) -> Any:
        zeros = xp.zeros_like(v.self)
        view(zeros, v).copy_(v.g)
        return zeros

    return code


def _taken(forward: str, code: Callable[[Any, Any], Any], note: str = PUT_BACK) -> Formula:
    return formula(
        forward,
        note=note,
        self=linear(
            r"\operatorname{put}(<g>)",
            code,
            "put(<g>)",
            local=r"\mathbf{1}[j \text{ is taken as } i]",
            sparsity="selection",
        ),
    )


def _index(xp: Any, v: Any) -> Any:
    indices = tuple(slice(None) if index is None else index for index in v.indices)
    taken = xp.arange(v.self.numel()).reshape(v.self.shape)[indices]
    return xp.zeros_like(v.self).flatten().index_add(0, taken.flatten(), v.g.flatten()).reshape(v.self.shape)


def _embedding(xp: Any, v: Any) -> Any:
    """Rows that occur several times add up; the padding row gets nothing."""
    g = v.g.reshape(-1, v.g.shape[-1])
    rows = v.indices.reshape(-1)
    if v.padding_idx is not None and v.padding_idx >= 0:
        g = g * (rows != v.padding_idx).unsqueeze(1)
    return xp.zeros_like(v.weight).index_add(0, rows, g)


def _mask_put(xp: Any, v: Any) -> Any:
    return xp.zeros(v.self.shape, dtype=v.g.dtype).masked_scatter(v.mask.expand(v.self.shape), v.g)


def _selected(x: Any, v: Any) -> Any:
    return x.select(v.dim, v.index)


def _sliced(x: Any, v: Any) -> Any:
    return x[(slice(None),) * (v.dim % x.dim()) + (slice(v.start, v.end, v.step),)]


def _written_over(view: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """The gradient with zeros where the input was overwritten."""

    def code(xp: Any, v: Any) -> Any:
        g = v.g.clone()
        view(g, v).zero_()
        return g

    return code


_SELECT_CODE, _SLICE_CODE = _put(_selected), _put(_sliced)


def _written(dim: Any, place: str) -> str:
    """`x_{[:, 2]}`: the place along its dimension; a dimension counted from the end follows an ellipsis."""
    if not isinstance(dim, int):
        return place
    return ":, " * dim + place if dim >= 0 else r"\ldots, " + place + ", :" * (-1 - dim)


def _select(args: Any) -> Formula:
    return _taken(rf"<self>_{{[{_written(getattr(args, 'dim', 0), '<index>')}]}}", _SELECT_CODE)


def _slice(args: Any) -> Formula:
    start, end, step = (getattr(args, name, None) for name in ("start", "end", "step"))
    first = "<start>" if start else ""
    last = "<end>" if isinstance(end, int) and end < 2**62 else ""
    place = f"{first}:{last}" + (":<step>" if step not in (None, 1) else "")
    return _taken(rf"<self>_{{[{_written(getattr(args, 'dim', 0), place)}]}}", _SLICE_CODE)


_SELECT, _SLICE = _select(None), _slice(None)

INDEXING: dict[str, Formula] = {
    "select.int": Formula(_SELECT.forward, _SELECT.rules, note=PUT_BACK, variant=_select),
    "slice.Tensor": Formula(_SLICE.forward, _SLICE.rules, note=PUT_BACK, variant=_slice),
    "index.Tensor": _taken(
        r"<self>_{[\mathrm{idx}]}", _index, PUT_BACK + " A place that was taken several times gets the sum."
    ),
    "index_select": _taken(
        r"<self>_{[<index>]}",
        lambda xp, v: xp.zeros_like(v.self).index_add(v.dim, v.index, v.g),
        PUT_BACK + " A place that was taken several times gets the sum.",
    ),
    "gather": _taken(
        r"\operatorname{gather}(<self>, <index>)",
        lambda xp, v: xp.zeros_like(v.self).scatter_add(v.dim, v.index, v.g),
        PUT_BACK + " A place that was taken several times gets the sum.",
    ),
    "take": _taken(
        r"\operatorname{take}(<self>, <index>)",
        lambda xp, v: xp.zeros_like(v.self).put(v.index, v.g, accumulate=True),
    ),
    "diagonal": _taken(
        r"\operatorname{diagonal}(<self>)", _put(lambda z, v: z.diagonal(v.offset, v.dim1, v.dim2))
    ),
    "masked_select": _taken(r"<self>_{[<mask>]}", _mask_put),
    "topk": _taken(
        r"\operatorname{topk}(<self>)",
        lambda xp, v: xp.zeros_like(v.self).scatter(v.dim, v.result1, v.g),
        "The gradient returns to the places that the values came from.",
    ),
    "sort": _taken(
        r"\operatorname{sort}(<self>)",
        lambda xp, v: xp.zeros_like(v.self).scatter(v.dim, v.result1, v.g),
        "Sorting permutes: the gradient goes back in the old order.",
    ),
    "embedding": formula(
        r"<weight>_{[<indices>]}",
        weight=linear(r"\operatorname{put}_{<indices>}(<g>)", _embedding, "put(<g>)", sparsity="selection"),
        note="Each token takes a row of the table; the row's gradient is the sum over its tokens.",
    ),
    "masked_fill.Scalar": formula(
        r"\operatorname{fill}(<self>, <mask>, <value>)",
        self=linear(
            r"<g> \odot \lnot <mask>", lambda xp, v: v.g * ~v.mask, r"<g> \odot \lnot <mask>",
            local=r"\mathbf{1}[\lnot <mask>]", sparsity="diagonal",
        ),
        note="Filled places no longer depend on the input.",
    ),
    "masked_fill.Tensor": formula(
        r"\operatorname{fill}(<self>, <mask>, <value>)",
        self=linear(
            r"<g> \odot \lnot <mask>", lambda xp, v: v.g * ~v.mask, r"<g> \odot \lnot <mask>",
            local=r"\mathbf{1}[\lnot <mask>]", sparsity="diagonal",
        ),
        value=linear(r"\textstyle\sum <g> \odot <mask>", lambda xp, v: (v.g * v.mask).sum(), "sum(<g>)"),
    ),
    "index_fill": formula(
        r"\operatorname{index\_fill}(<self>, <value>)",
        self=linear(
            r"<g>, \; 0 \text{ where filled}", lambda xp, v: v.g.index_fill(v.dim, v.index, 0), "VJP(<g>)"
        ),
        value=linear(
            r"\textstyle\sum <g>_{[<index>]}", lambda xp, v: v.g.index_select(v.dim, v.index).sum(), "sum(<g>)"
        ),
    ),
    "index_copy": formula(
        r"\operatorname{index\_copy}(<self>, <source>)",
        self=linear(
            r"<g>, \; 0 \text{ where written}", lambda xp, v: v.g.index_fill(v.dim, v.index, 0), "VJP(<g>)"
        ),
        source=linear(r"<g>_{[<index>]}", lambda xp, v: v.g.index_select(v.dim, v.index), "take(<g>)"),
    ),
    "select_scatter": formula(
        r"\operatorname{select\_scatter}(<self>, <src>)",
        self=linear(r"<g>, \; 0 \text{ where written}", _written_over(_selected), "VJP(<g>)"),
        src=linear(r"<g>_{[<index>]}", lambda xp, v: _selected(v.g, v), "take(<g>)", sparsity="selection"),
    ),
    "slice_scatter": formula(
        r"\operatorname{slice\_scatter}(<self>, <src>)",
        self=linear(r"<g>, \; 0 \text{ where written}", _written_over(_sliced), "VJP(<g>)"),
        src=linear(r"<g>_{[\mathrm{slice}]}", lambda xp, v: _sliced(v.g, v), "take(<g>)", sparsity="selection"),
    ),
    "diag_embed": _taken(
        r"\operatorname{diag}(<self>)",
        lambda xp, v: v.g.diagonal(v.offset, v.dim1, v.dim2),
        "The diagonal of the gradient; the zeros around it get nothing.",
    ),
    "scatter.src": formula(
        r"\operatorname{scatter}(<self>, <index>, <src>)",
        self=linear(r"<g>, \; 0 \text{ at } <index>", lambda xp, v: v.g.scatter(v.dim, v.index, 0), "VJP(<g>)"),
        src=linear(r"<g>_{[<index>]}", lambda xp, v: v.g.gather(v.dim, v.index), "take(<g>)", sparsity="selection"),
    ),
    "scatter_add": formula(
        r"\operatorname{scatter\_add}(<self>, <index>, <src>)",
        self=linear("<g>", lambda xp, v: v.g, "1", local="1", sparsity="identity"),
        src=linear(r"<g>_{[<index>]}", lambda xp, v: v.g.gather(v.dim, v.index), "take(<g>)", sparsity="selection"),
    ),
    "index_add": formula(
        r"\operatorname{index\_add}(<self>, <index>, <source>)",
        self=linear("<g>", lambda xp, v: v.g, "1", local="1", sparsity="identity"),
        source=linear(
            r"<g>_{[<index>]}", lambda xp, v: v.alpha * v.g.index_select(v.dim, v.index), "take(<g>)",
            sparsity="selection",
        ),
    ),
    "index_put": formula(
        r"\operatorname{index\_put}(<self>, <values>)",
        self=linear(
            r"<g>, \; 0 \text{ where written}",
            lambda xp, v: v.g if v.accumulate else v.g.index_put(tuple(v.indices), xp.zeros_like(v.values)),
            "VJP(<g>)",
        ),
        values=linear(
            r"<g>_{[\mathrm{idx}]}", lambda xp, v: v.g[tuple(v.indices)].sum_to_size(v.values.shape), "take(<g>)",
            sparsity="selection",
        ),
    ),
    "copy": formula(
        r"<src>",
        self=linear("0", lambda xp, v: xp.zeros_like(v.g), "0", local="0", sparsity="zero"),
        src=linear("<g>", lambda xp, v: v.g.sum_to_size(v.src.shape), "1", local="1", sparsity="identity"),
        note="The old value is overwritten: nothing of it is left to get a gradient.",
    ),
    "fill.Scalar": formula(
        "<value>", self=linear("0", lambda xp, v: xp.zeros_like(v.g), "0", local="0", sparsity="zero")
    ),
    "zero": formula("0", self=linear("0", lambda xp, v: xp.zeros_like(v.g), "0", local="0", sparsity="zero")),
    "tril": _taken(r"\operatorname{tril}(<self>)", lambda xp, v: v.g.tril(v.diagonal), ZEROED),
    "triu": _taken(r"\operatorname{triu}(<self>)", lambda xp, v: v.g.triu(v.diagonal), ZEROED),
}  # fmt: skip
