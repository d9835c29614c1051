"""detach cuts the graph.

Chapter: pitfalls
Compare: u.detach() => u

d has the value of u but no history. The gradient of w comes through the other factor alone: 9 instead of 18.

[d is 3, like u](step=2). On the way back [y sends 6 to u, and d needs nothing](step=7). One path is left, so
[w.grad is 9](step=9) and not 18.
"""

w = torch.tensor(2., requires_grad=True)
u = w * 1.5
d = u.detach()      #: same value, no way back
y = u * d           #: as if d were a constant
z = 2. * y
z.backward()
