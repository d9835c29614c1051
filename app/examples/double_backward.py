"""The derivative of a derivative.

Chapter: backward

With create_graph=True the backward pass is itself a graph: its result g has a grad_fn, and a second pass
gives the second derivative.
"""

x = torch.tensor(2., requires_grad=True)
y = x ** 3
g, = torch.autograd.grad(y, x, create_graph=True)   #: 3x² = 12
g.backward()            #: x.grad = 6x = 12
