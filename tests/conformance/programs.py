"""Random small programs as source text: mixed ops, reuse, broadcasting, views, in-place writes, loops, passes."""

from __future__ import annotations

from hypothesis import strategies as st

Shape = tuple[int, ...]
SHAPES: tuple[Shape, ...] = ((), (3,), (2, 3), (3, 2), (1,))
UNARY = (
    "torch.tanh({})",
    "torch.sin({})",
    "torch.relu({})",
    "torch.sigmoid({})",
    "{} ** 2",
    "-{}",
    "torch.exp(-{} ** 2)",
)
BINARY = (
    "{} * {}",
    "{} + {}",
    "{} - {}",
    "{} / ({} ** 2 + 1)",
    "torch.maximum({}, {})",
    "torch.add({}, {}, alpha=0.5)",
)
WRITES = ("{}.mul_(2)", "{}.add_(1)", "{}.tanh_()", "{} += 0.5", "{}.zero_()", "{}.clamp_(-1, 1)")


def broadcast(a: Shape, b: Shape) -> Shape | None:
    """The shape of `a + b`, None where they don't fit."""
    out: list[int] = []
    for x, y in zip((1,) * (len(b) - len(a)) + a, (1,) * (len(a) - len(b)) + b, strict=True):
        if x != y and 1 not in (x, y):
            return None
        out.append(max(x, y))
    return tuple(out)


@st.composite
def programs(draw: st.DrawFn) -> str:
    """A program that ends in one or two backward passes; it may raise, as stock PyTorch then does too."""
    dtype = draw(st.sampled_from(["float32", "float32", "float64"]))
    known: dict[str, Shape] = {}
    lines = []
    for name in ("w", "x", "b", "m")[: draw(st.integers(2, 4))]:
        shape = draw(st.sampled_from(SHAPES))
        known[name] = shape
        grad = draw(st.sampled_from(["True", "True", "False"])) if known else "True"
        lines.append(f"{name} = torch.randn({shape}, dtype=torch.{dtype}, requires_grad={grad})")
    lines.append(f"p = torch.randn((), dtype=torch.{dtype}, requires_grad=True)")
    known["p"] = ()
    made = []
    for k in range(draw(st.integers(1, 9))):
        name = f"v{k}" if draw(st.booleans()) or not made else draw(st.sampled_from(made))
        lines += statement(draw, name, known, made)
    total = draw(st.lists(st.sampled_from(sorted(known)), min_size=1, max_size=3))
    lines.append(f"loss = p * {' + '.join(f'({name} * {name}).sum()' for name in total)}")
    if draw(st.integers(0, 3)) == 0:
        lines += ["loss.backward(retain_graph=True)", "(loss * 2).backward()"]
    else:
        lines.append("loss.backward()")
    return "\n".join(lines) + "\n"


def statement(draw: st.DrawFn, name: str, known: dict[str, Shape], made: list[str]) -> list[str]:
    """One to three lines that bind or write `name`."""
    kind = draw(
        st.sampled_from(["unary", "binary", "binary", "reduce", "view", "write", "slice", "loop", "matmul", "cut"])
    )
    a = draw(st.sampled_from(sorted(known)))
    shape = known[a]
    if kind in {"write", "slice"} and made:
        return [written(draw, draw(st.sampled_from(made)), known, kind)]
    if kind == "view":
        text, shape = view(draw, a, shape)
    elif kind == "reduce":
        text, shape = draw(st.sampled_from([(f"{a}.sum()", ()), (f"{a}.mean()", ()), (f"{a}.norm()", ())]))
    elif kind == "cut":
        text = draw(st.sampled_from([f"{a}.detach()", f"{a}.clone()", f"torch.rand_like({a})"]))
    elif kind == "matmul" and len(shape) == 2:
        text, shape = f"{a} @ {a}.t()", (shape[0], shape[0])
    elif kind == "loop":
        known[name] = shape
        made.append(name)
        body = draw(st.sampled_from(UNARY)).format(name)
        return [f"{name} = {a} * 1", f"for _ in range({draw(st.integers(1, 3))}):", f"    {name} = {body} + {a}"]
    else:
        b = draw(st.sampled_from(sorted(known)))
        joint = broadcast(shape, known[b])
        if kind == "unary" or joint is None:
            text = draw(st.sampled_from(UNARY)).format(a)
        else:
            text, shape = draw(st.sampled_from(BINARY)).format(a, b), joint
    known[name] = shape
    if name not in made:
        made.append(name)
    return [f"{name} = {text}"]


def view(draw: st.DrawFn, a: str, shape: Shape) -> tuple[str, Shape]:
    """A view of `a`."""
    choices: list[tuple[str, Shape]] = [(f"{a}.unsqueeze(0)", (1, *shape)), (f"{a}.expand(2, *{a}.shape)", (2, *shape))]
    if shape:
        choices += [(f"{a}[0]", shape[1:]), (f"{a}.reshape(-1)", (_size(shape),))]
    if len(shape) == 2:
        choices += [(f"{a}.t()", shape[::-1]), (f"{a}[:, 0]", shape[:1])]
    return draw(st.sampled_from(choices))


def written(draw: st.DrawFn, name: str, known: dict[str, Shape], kind: str) -> str:
    """An in-place write of a made tensor, or of a part of it."""
    if kind == "slice" and known[name]:
        other = draw(st.sampled_from([key for key in sorted(known) if known[key] == ()]))
        return f"{name}[0] = {other}"
    return draw(st.sampled_from(WRITES)).format(name)


def _size(shape: Shape) -> int:
    size = 1
    for length in shape:
        size *= length
    return size
