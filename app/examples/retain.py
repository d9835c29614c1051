"""The gradient of an intermediate value.

Chapter: graph

Gradients of intermediate values are used and dropped; only leaves keep theirs in .grad. retain_grad asks for
one to be kept.
"""

x = torch.tensor(2., requires_grad=True)
u = x ** 2
u.retain_grad()     #: keep the gradient of u
v = torch.sin(u)
y = 3. * v
y.backward()
print(u.grad, v.is_leaf)
