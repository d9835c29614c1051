"""The names of mathematics that a bare expression may use without a prefix, and where torch keeps each."""

from __future__ import annotations

_TORCH = """
    abs acos acosh add amax amin angle arange argmax argmin asin asinh atan atan2 atanh baddbmm bmm broadcast_to cat
    ceil celu chunk clamp clone complex conj cos cosh cross cumprod cumsum deg2rad det detach diag diagonal diff
    digamma dist div dot einsum erf erfc erfinv exp exp2 expm1 eye flatten flip floor fmod frac full gather
    heaviside hypot imag index_select inner inverse kron lerp lgamma linspace log log10 log1p log2 logaddexp
    logcumsumexp logdet logit logsumexp masked_fill masked_select matmul max maximum mean median min minimum mm
    movedim mul mv neg norm ones ones_like outer permute pow prelu prod rad2deg rand randn randint real reciprocal
    relu repeat_interleave reshape roll round rsqrt scatter select sgn sigmoid sign sin sinc sinh softmax
    log_softmax sort split sqrt square squeeze stack std sub sum swapaxes t take tan tanh tensor tensordot tile topk
    trace transpose tril triu trunc unbind unsqueeze vander var vdot view_as_real vstack hstack where xlogy zeros
    zeros_like
"""
_FUNCTIONAL = """
    adaptive_avg_pool2d avg_pool1d avg_pool2d batch_norm binary_cross_entropy binary_cross_entropy_with_logits
    conv1d conv2d cosine_similarity cross_entropy dropout elu embedding gelu glu hardsigmoid hardswish hardtanh
    huber_loss interpolate kl_div l1_loss layer_norm leaky_relu linear logsigmoid max_pool1d max_pool2d mish
    mse_loss nll_loss normalize one_hot pad relu6 rms_norm scaled_dot_product_attention selu silu smooth_l1_loss
    softmin softplus softshrink softsign tanhshrink threshold unfold
"""

FUNCTIONS: dict[str, str] = {
    **{name: f"torch.{name}" for name in _TORCH.split()},
    **{name: f"F.{name}" for name in _FUNCTIONAL.split()},
    "ln": "torch.log",
    "arcsin": "torch.arcsin",
    "arccos": "torch.arccos",
    "arctan": "torch.arctan",
    "swish": "F.silu",
}
"""Name → its text in a program. A name that is not called is a variable like any other: `(x - mean) / std`."""

CONSTANTS = {"pi": "torch.pi", "inf": "torch.inf", "nan": "torch.nan"}
"""Constants; `e` is left to the user's variables."""

OVER_ITEMS = frozenset({"sum", "max", "min"})
"""Python's own for a list, tuple or generator written out: `sum(w*x for x in (1, 2))`."""

NEED_DIM = frozenset({"softmax", "log_softmax", "softmin", "logsumexp", "cumsum", "cumprod"})
"""Functions that torch does not run without `dim`; where none is given, it is the last one."""
