"""Arguments for every hand-written formula: at least one call per op, in float64, with fixed random numbers."""

from collections.abc import Iterator
from typing import Any

import torch

Call = tuple[str, tuple[Any, ...], dict[str, Any], int]
"""Op with overload, arguments, keyword arguments, and which output is differentiated."""


def real(*shape: int) -> torch.Tensor:
    return torch.randn(shape, dtype=torch.float64)


def positive(*shape: int) -> torch.Tensor:
    return torch.rand(shape, dtype=torch.float64) + 0.2


def inner(*shape: int) -> torch.Tensor:
    """Inside (−0.9, 0.9)."""
    return 1.8 * torch.rand(shape, dtype=torch.float64) - 0.9


def index(high: int, *shape: int) -> torch.Tensor:
    return torch.randint(0, high, shape)


def spd(n: int) -> torch.Tensor:
    a = real(n, n)
    return a @ a.T + n * torch.eye(n, dtype=torch.float64)


def _unary() -> Iterator[Call]:
    for op in [
        "neg",
        "exp",
        "exp2",
        "expm1",
        "sin",
        "cos",
        "tan",
        "atan",
        "sinh",
        "cosh",
        "tanh",
        "asinh",
        "sigmoid",
        "erf",
        "erfc",
        "floor",
        "ceil",
        "round",
        "abs",
        "sign",
        "relu",
        "silu",
        "mish",
        "hardsigmoid",
        "hardswish",
        "sgn",
        "frac",
        "trunc",
        "sinc",
        "deg2rad",
        "rad2deg",
        "clone",
        "alias",
        "nan_to_num",
    ]:
        yield op, (real(2, 3),), {}, 0
    for op in ["log", "log2", "log10", "log1p", "sqrt", "rsqrt", "reciprocal", "lgamma"]:
        yield op, (positive(2, 3),), {}, 0
    for op in ["asin", "acos", "atanh", "erfinv"]:
        yield op, (inner(2, 3),), {}, 0
    yield "acosh", (positive(2, 3) + 1,), {}, 0
    yield "logit", (positive(3) / 2,), {}, 0
    for approximate in ("none", "tanh"):
        yield "gelu", (real(2, 3),), {"approximate": approximate}, 0
    yield "log_sigmoid_forward", (real(4),), {}, 0
    yield "leaky_relu", (real(5), 0.1), {}, 0
    yield "elu", (real(5), 0.7), {}, 0
    yield "elu", (real(5), 1.6732632423543772, 1.0507009873554805), {}, 0
    yield "softplus", (real(5), 2.0, 1.5), {}, 0
    yield "hardtanh", (2 * real(6),), {}, 0
    yield "threshold", (real(6), 0.2, 5.0), {}, 0
    yield "softshrink", (real(6), 0.4), {}, 0
    yield "hardshrink", (real(6), 0.4), {}, 0
    yield "glu", (real(3, 4), 1), {}, 0
    yield "celu", (real(5), 0.7), {}, 0
    yield "special_entr", (positive(3),), {}, 0
    yield "_prelu_kernel", (real(2, 3), positive(1, 3)), {}, 0


def _binary() -> Iterator[Call]:
    for op in ("add", "sub", "rsub"):
        yield f"{op}.Tensor", (real(2, 3), real(3)), {}, 0
        yield f"{op}.Tensor", (real(2, 3), real()), {"alpha": 2.5}, 0
    for op in ("mul", "div", "remainder"):
        yield f"{op}.Tensor", (real(2, 3), positive(2, 1)), {}, 0
    yield "div.Tensor_mode", (real(3), positive(3)), {"rounding_mode": "floor"}, 0
    for op in ("atan2", "maximum", "minimum", "fmax", "fmin", "hypot", "logaddexp", "logaddexp2"):
        yield op, (real(2, 3), real(3)), {}, 0
    tie = torch.tensor([1.0, 2.0], dtype=torch.float64)
    for op in ("maximum", "minimum", "fmax", "fmin"):
        yield op, (tie.clone(), tie.clone()), {}, 0
    yield "xlogy.Tensor", (real(3), positive(3)), {}, 0
    yield "pow.Tensor_Scalar", (real(3), 3), {}, 0
    yield "pow.Tensor_Scalar", (positive(3), -0.5), {}, 0
    yield "pow.Tensor_Scalar", (real(3), 0), {}, 0
    yield "pow.Tensor_Tensor", (positive(2, 3), real(3)), {}, 0
    yield "pow.Scalar", (2.5, real(3)), {}, 0
    for op in ("remainder.Scalar", "fmod.Scalar"):
        yield op, (real(3), 0.7), {}, 0
    for op in ("addcmul", "addcdiv"):
        yield op, (real(2, 3), real(3), positive(2, 1)), {"value": 1.5}, 0
    for op in ("fmod", "copysign"):
        yield f"{op}.Tensor", (real(2, 3), positive(3)), {}, 0
    yield "special_xlog1py", (real(3), positive(3)), {}, 0
    yield "lerp.Tensor", (real(2, 3), real(3), real(2, 1)), {}, 0
    yield "lerp.Scalar", (real(3), real(3), 0.3), {}, 0
    yield "where.self", (real(2, 3) > 0, real(2, 3), real()), {}, 0
    yield "clamp", (real(8), -0.5, 0.5), {}, 0
    yield "clamp", (real(8),), {"max": 0.5}, 0
    yield "clamp_min", (real(8), 0.1), {}, 0
    yield "clamp_max", (real(8), 0.1), {}, 0


def _matmul() -> Iterator[Call]:
    yield "mm", (real(2, 3), real(3, 4)), {}, 0
    yield "bmm", (real(5, 2, 3), real(5, 3, 4)), {}, 0
    yield "mv", (real(2, 3), real(3)), {}, 0
    yield "dot", (real(3), real(3)), {}, 0
    yield "vdot", (real(3), real(3)), {}, 0
    for scale in ({}, {"beta": 0.5, "alpha": 2.0}):
        yield "addmm", (real(4), real(2, 3), real(3, 4)), scale, 0
        yield "baddbmm", (real(2, 4), real(5, 2, 3), real(5, 3, 4)), scale, 0
        yield "addbmm", (real(4), real(5, 2, 3), real(5, 3, 4)), scale, 0
        yield "addmv", (real(2), real(2, 3), real(3)), scale, 0
        yield "addr", (real(2, 3), real(2), real(3)), scale, 0
    yield "linalg_cross", (real(2, 3), real(2, 3)), {}, 0


def _windows() -> Iterator[Call]:
    x, w = real(2, 4, 7, 6), real(6, 4, 3, 2)
    yield "convolution", (x, w, real(6), [2, 1], [1, 0], [1, 2], False, [0, 0], 1), {}, 0
    yield "convolution", (x, real(6, 2, 3, 2), real(6), [1, 2], [0, 1], [2, 1], False, [0, 0], 2), {}, 0
    yield "convolution", (real(2, 4, 9), real(3, 4, 3), real(3), [2], [1], [1], False, [0], 1), {}, 0
    yield "convolution", (x, real(4, 5, 3, 2), real(5), [2, 1], [1, 0], [1, 1], True, [1, 0], 1), {}, 0
    yield "max_pool2d_with_indices", (x, [2, 2], [2, 2], [1, 1]), {}, 0
    yield "avg_pool2d", (x, [3, 2], [2, 2], [1, 1]), {}, 0
    yield "avg_pool2d", (x, [2, 2]), {}, 0
    yield "_adaptive_avg_pool2d", (x, [3, 4]), {}, 0
    yield "constant_pad_nd", (x, [1, 2, 0, 1], 0.5), {}, 0
    yield "upsample_nearest1d", (real(2, 3, 4), [8], None), {}, 0
    yield "upsample_nearest2d", (real(2, 3, 4, 4), [8, 12], None, None), {}, 0


def _reductions() -> Iterator[Call]:
    x = real(3, 4)
    for op in ("sum", "mean", "max", "min", "prod", "trace"):
        yield op, (x.clone(),), {}, 0
    tie = torch.tensor([[1.0, 3.0], [3.0, 2.0]], dtype=torch.float64)
    for op in ("max", "median"):
        yield op, (tie.clone() if op == "max" else real(5),), {}, 0
    for keepdim in (False, True):
        for op in ("sum.dim_IntList", "mean.dim", "amax", "amin", "logsumexp"):
            yield op, (x.clone(), [1], keepdim), {}, 0
        for op in ("max.dim", "min.dim", "prod.dim_int"):
            yield op, (x.clone(), 0, keepdim), {}, 0
        for op in ("var.correction", "std.correction"):
            for correction in (0, 1):
                yield op, (x.clone(), [0]), {"keepdim": keepdim, "correction": correction}, 0
        for p in (1, 2, 3, float("inf")):
            yield "linalg_vector_norm", (x.clone(), p, [1], keepdim), {}, 0
        yield "norm.ScalarOpt_dim", (x.clone(), 2, [0], keepdim), {}, 0
    yield "linalg_vector_norm", (x.clone(), 2), {}, 0
    yield "amax", (tie.clone(), [0]), {}, 0
    yield "std.correction", (x.clone(),), {"correction": 1}, 0
    for op in ("cumsum", "cumprod"):
        yield op, (x.clone(), 1), {}, 0
    for op in ("cummax", "cummin"):
        yield op, (x.clone(), 1), {}, 0
    yield "kthvalue", (x.clone(), 2, 1), {}, 0
    yield "mode", (x.clone(), 1), {}, 0
    yield "nansum", (torch.where(x > 1, x / 0 * 0, x),), {}, 0
    yield "_safe_softmax", (x.clone(), 1), {}, 0
    for op in ("_softmax", "_log_softmax"):
        yield op, (x.clone(), 1, False), {}, 0


def _losses() -> Iterator[Call]:
    for reduction in (0, 1, 2):
        yield "mse_loss", (real(2, 3), real(2, 3), reduction), {}, 0
        yield "smooth_l1_loss", (2 * real(2, 3), real(2, 3), reduction, 0.7), {}, 0
        yield "huber_loss", (2 * real(2, 3), real(2, 3), reduction, 0.7), {}, 0
        yield "soft_margin_loss", (real(4), torch.sign(real(4)), reduction), {}, 0
        p = positive(2, 3) / 2
        yield "binary_cross_entropy", (p, positive(2, 3) / 2, positive(3), reduction), {}, 0
        yield "binary_cross_entropy_with_logits", (real(2, 3), positive(2, 3), None, None, reduction), {}, 0
        weight = positive(4)
        yield "nll_loss_forward", (real(3, 4), index(4, 3), None, reduction, -100), {}, 0
        yield "nll_loss_forward", (real(3, 4), torch.tensor([1, 2, 3]), weight, reduction, 2), {}, 0
        yield "nll_loss2d_forward", (real(2, 4, 3, 3), index(4, 2, 3, 3), None, reduction, -100), {}, 0
    yield "nll_loss_forward", (real(4), torch.tensor(2), None, 1, -100), {}, 0


def _norms() -> Iterator[Call]:
    yield "native_layer_norm", (real(2, 3, 4), [4], real(4), real(4), 1e-5), {}, 0
    yield "native_layer_norm", (real(2, 3, 4), [3, 4], None, None, 1e-5), {}, 0
    stats = (real(3), positive(3))
    yield "native_batch_norm", (real(4, 3), real(3), real(3), None, None, True, 0.1, 1e-5), {}, 0
    yield "native_batch_norm", (real(2, 3, 4, 4), real(3), real(3), *stats, False, 0.1, 1e-5), {}, 0
    yield "_native_batch_norm_legit", (real(4, 3), real(3), real(3), *stats, True, 0.1, 1e-5), {}, 0
    yield "native_group_norm", (real(2, 6, 5), real(6), real(6), 2, 6, 5, 3, 1e-5), {}, 0


def _indexing() -> Iterator[Call]:
    x = real(4, 5)
    yield "select.int", (x.clone(), 1, -2), {}, 0
    yield "slice.Tensor", (x.clone(), 1, 1, 5, 2), {}, 0
    yield "index.Tensor", (x.clone(), [torch.tensor([0, 2, 0])]), {}, 0
    yield "index.Tensor", (x.clone(), [None, torch.tensor([1, 1])]), {}, 0
    yield "index_select", (x.clone(), 1, torch.tensor([0, 2, 0])), {}, 0
    yield "gather", (x.clone(), 1, index(5, 4, 3)), {}, 0
    yield "take", (x.clone(), torch.tensor([0, 7, 7])), {}, 0
    yield "diagonal", (x.clone(), 1, 0, 1), {}, 0
    yield "masked_select", (x.clone(), x > 0), {}, 0
    yield "topk", (x.clone(), 2, 1), {}, 0
    yield "sort", (x.clone(), 1), {}, 0
    yield "embedding", (real(5, 3), torch.tensor([[1, 2], [1, 4]]), 4), {}, 0
    yield "masked_fill.Scalar", (x.clone(), x > 0, 7.0), {}, 0
    yield "masked_fill.Tensor", (x.clone(), x > 0, real()), {}, 0
    two = torch.tensor([0, 2])
    yield "index_fill.int_Scalar", (x.clone(), 0, two, 3.0), {}, 0
    yield "index_fill.int_Tensor", (x.clone(), 0, two, real()), {}, 0
    yield "index_copy", (x.clone(), 0, two, real(2, 5)), {}, 0
    yield "select_scatter", (x.clone(), real(4), 1, 2), {}, 0
    yield "slice_scatter", (x.clone(), real(4, 2), 1, 1, 3), {}, 0
    yield "diag_embed", (x.clone(), 1), {}, 0
    yield "scatter.src", (x.clone(), 1, torch.tensor([[0, 3]] * 4), real(4, 2)), {}, 0
    yield "scatter_add", (x.clone(), 1, index(5, 4, 3), real(4, 3)), {}, 0
    yield "index_add", (x.clone(), 0, torch.tensor([0, 2, 0]), real(3, 5)), {"alpha": 2.0}, 0
    yield "index_put", (x.clone(), [torch.tensor([0, 2])], real(2, 5)), {}, 0
    yield "index_put", (x.clone(), [torch.tensor([0, 0])], real(5), True), {}, 0
    for op in ("tril", "triu"):
        yield op, (x.clone(), 1), {}, 0
    yield "fill.Scalar", (x.clone(), 3.0), {}, 0
    yield "zero", (x.clone(),), {}, 0


def _views() -> Iterator[Call]:
    x = real(3, 4)
    for op, *arguments in (
        ("view", [2, 6]), ("_unsafe_view", [12]), ("_reshape_alias", [2, 6], [6, 1]), ("unsqueeze", 1), ("t",),
        ("transpose.int", 0, 1), ("permute", [1, 0]), ("repeat", [2, 3, 1]), ("flip", [0]), ("roll", [1, 2], [0, 1]),
        ("unbind.int", 1), ("unsafe_split.Tensor", 2, 1), ("split.Tensor", 2, 1), ("split_with_sizes", [1, 3], 1),
    ):  # fmt: skip
        yield op, (x.clone(), *arguments), {}, 0
    y = real(1, 3, 1)
    for op, *arguments in (("squeeze",), ("squeeze.dim", 0), ("squeeze.dims", [0, 2]), ("expand", [2, 3, 4])):
        yield op, (y.clone(), *arguments), {}, 0
    yield "pixel_shuffle", (real(1, 4, 2, 2), 2), {}, 0
    yield "_to_copy", (x.clone(),), {"dtype": torch.float32}, 0
    yield "cat", ([real(2, 3), real(4, 3)], 0), {}, 0
    yield "stack", ([real(2, 3), real(2, 3)], 1), {}, 0
    yield "native_dropout", (real(20), 0.4, True), {}, 0


def _linalg() -> Iterator[Call]:
    yield "linalg_inv_ex", (spd(3),), {}, 0
    yield "_linalg_det", (spd(3),), {}, 0
    yield "_linalg_slogdet", (spd(3),), {}, 1
    yield "_linalg_solve_ex", (spd(3), real(3, 2)), {}, 0
    yield "_linalg_solve_ex", (spd(3), real(3)), {}, 0
    yield "linalg_cholesky_ex", (spd(3),), {}, 0


def _attention() -> Iterator[Call]:
    def qkv() -> tuple[torch.Tensor, ...]:
        return real(1, 2, 4, 8), real(1, 2, 4, 8), real(1, 2, 4, 8)

    for causal in (False, True):
        yield "_scaled_dot_product_flash_attention_for_cpu", (*qkv(), 0.0, causal), {}, 0
    yield "_scaled_dot_product_flash_attention_for_cpu", qkv(), {"scale": 0.3}, 0


def _moves() -> Iterator[Call]:
    x1, x2, x3 = real(2, 3, 5), real(1, 2, 4, 5), real(1, 2, 3, 4, 3)
    yield "reflection_pad1d", (x1.clone(), [2, 1]), {}, 0
    yield "reflection_pad2d", (x2.clone(), [1, 2, 1, 0]), {}, 0
    yield "reflection_pad3d", (x3.clone(), [1, 0, 1, 1, 0, 1]), {}, 0
    yield "replication_pad1d", (x1.clone(), [2, 3]), {}, 0
    yield "replication_pad2d", (x2.clone(), [1, 2, 1, 3]), {}, 0
    yield "replication_pad3d", (x3.clone(), [1, 0, 2, 1, 0, 1]), {}, 0
    yield "pixel_unshuffle", (real(1, 2, 4, 6), 2), {}, 0
    yield "channel_shuffle", (real(1, 6, 2, 2), 3), {}, 0
    yield "rot90", (real(2, 3), 1, [0, 1]), {}, 0
    yield "unfold", (real(5, 3), 0, 3, 1), {}, 0
    yield "im2col", (x2.clone(), [2, 3], [1, 1], [1, 0], [1, 2]), {}, 0
    yield "as_strided", (real(8), [3, 2], [2, 1], 1), {}, 0
    yield "upsample_linear1d", (x1.clone(), [8], False), {}, 0
    yield "upsample_bilinear2d", (x2.clone(), [6, 8], True), {}, 0
    yield "upsample_bicubic2d", (x2.clone(), [6, 8], False), {}, 0
    yield "upsample_trilinear3d", (real(1, 1, 2, 2, 3), [3, 4, 5], False), {}, 0
    yield "col2im", (real(1, 8, 9), [4, 4], [2, 2], [1, 1], [0, 0], [1, 1]), {}, 0
    yield "avg_pool3d", (x3.clone(), [2, 2, 1], [1, 2, 1], [1, 0, 0]), {}, 0
    yield "_adaptive_avg_pool3d", (x3.clone(), [2, 2, 2]), {}, 0
    yield "affine_grid_generator", (real(1, 2, 3), [1, 1, 3, 2], False), {}, 0
    yield "_trilinear", (real(4, 2), real(5, 2, 3), real(4, 3), [1, 3], [0], [1, 2], [2, 3]), {}, 0


def _decompositions() -> Iterator[Call]:
    for which in (0, 1):
        yield "_linalg_eigh", (torch.diag(torch.tensor([1.0, 3.0, 7.0]).double()) + 0.1 * spd(3),), {}, which
        yield "linalg_qr", (real(4, 3),), {}, which
    yield "_linalg_svd", (real(4, 3),), {}, 1
    for upper, left, unit in ((True, True, False), (False, True, True), (True, False, False), (False, False, True)):
        yield "linalg_solve_triangular", (spd(3), real(3, 3)), {"upper": upper, "left": left, "unitriangular": unit}, 0
    for upper in (False, True):
        factor = torch.linalg.cholesky(spd(3))
        yield "cholesky_solve", (real(3, 2), factor.T.contiguous() if upper else factor, upper), {}, 0
    yield "linalg_pinv.atol_rtol_tensor", (real(4, 3),), {}, 0
    yield "linalg_pinv.atol_rtol_tensor", (real(3, 4),), {}, 0


def _assembled() -> Iterator[Call]:
    x = real(3, 4)
    for accumulate in (False, True):
        yield "put", (x.clone(), torch.tensor([1, 7]), real(2), accumulate), {}, 0
    yield "masked_scatter", (x.clone(), x > 0, real(20)), {}, 0
    yield "diagonal_scatter", (x.clone(), real(3), 1), {}, 0
    yield "block_diag", ([real(2, 3), real(1, 2), real(2, 2)],), {}, 0
    yield "complex", (x.clone(), real(3, 4)), {}, 0
    for p in (1.0, 2.0, 3.0):
        yield "dist", (x.clone(), real(3, 4), p), {}, 0
    for which in (0, 1):
        yield "aminmax", (torch.tensor([1.0, 3.0, 3.0, 2.0]).double(),), {}, which
    yield "logcumsumexp", (x.clone(), 1), {}, 0
    for p, reduction in ((1, 1), (2, 2), (1, 0)):
        yield "multi_margin_loss", (x.clone(), torch.tensor([0, 3, 1]), p, 0.7, None, reduction), {}, 0
    yield "rrelu_with_noise", (x.clone(), torch.zeros(3, 4).double(), 0.1, 0.4, True), {}, 0
    yield "special_log_ndtr", (x.clone(),), {}, 0
    yield "digamma", (positive(4),), {}, 0
    yield "polygamma", (1, positive(4)), {}, 0
    yield "i0", (x.clone(),), {}, 0
    yield "adaptive_max_pool2d", (real(1, 2, 5, 6), [3, 2]), {}, 0
    yield "max_pool3d_with_indices", (real(1, 2, 4, 4, 4), [2, 2, 2]), {}, 0
    yield "fractional_max_pool2d", (real(1, 2, 6, 6), [2, 2], [3, 3], torch.rand(1, 2, 2).double()), {}, 0


def calls() -> list[Call]:
    """All samples; deterministic."""
    torch.manual_seed(3)
    groups = (_unary, _binary, _matmul, _windows, _reductions, _losses, _norms, _indexing, _views, _linalg, _attention)
    groups += (_moves, _decompositions, _assembled)
    return [call for group in groups for call in group()]
