"""Backward from a vector.

Chapter: backward

A vector has no gradient of its own; backward needs a vector to begin with. It computes vᵀJ: the rows of the
Jacobian, weighted by v.

[y has three elements](step=9), so the pass [starts with a vector: 1, 0, 10](step=10). Each element's gradient
is weighted by its entry; the sum x[0] + x[1] [gets 0](step=14) and has no say.
"""

x = torch.tensor([1., 2.], requires_grad=True)
y = torch.stack([x[0] * x[1], x[0] + x[1], x[1] ** 2])
v = torch.tensor([1., 0., 10.])
y.backward(v)           #: 1 · (2, 1) + 0 · (1, 1) + 10 · (0, 4)
