"""Backward from a vector.

Chapter: backward

A vector has no gradient of its own; backward needs a vector to begin with. It computes vᵀJ: the rows of the
Jacobian, weighted by v.

[y has two elements, 6 and 5](step=3), so the pass [starts with a vector: 1 and 10](step=4). Each element is
weighted by its entry: [the sum hands 10 to a and b](step=6), [the product 3 and 2](step=7). [a.grad is
13](step=8), [b.grad 12](step=9).
"""

a = torch.tensor(2., requires_grad=True)
b = torch.tensor(3., requires_grad=True)
y = torch.stack([a * b, a + b])
v = torch.tensor([1., 10.])
y.backward(v)           #: 1 · (3, 2) + 10 · (1, 1)
