"""The gradient of an intermediate value.

Chapter: graph

Gradients of intermediate values are used and dropped; only leaves keep theirs in .grad. retain_grad asks for
one to be kept.

[v sends −1.961 to u](step=6), and since u was asked to keep it, u.grad is −1.961 afterwards. The gradient of
v, [3](step=6), is gone once it has been used.
"""

x = torch.tensor(2., requires_grad=True)
u = x ** 2
u.retain_grad()     #: keep the gradient of u
v = torch.sin(u)
y = 3. * v
y.backward()
print(u.grad, v.is_leaf)
