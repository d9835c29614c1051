"""The derivative of a derivative.

Chapter: backward

With create_graph=True the backward pass is itself a graph: its result g has a grad_fn, and a second pass
gives the second derivative.

While the first pass runs, its own operations are recorded: [x² = 4](step=3), [times 3 is 12](step=4), and [g
is 12](step=5), with a history. So [a second pass can start at g](step=8) and go back to x: [x.grad =
12](step=12) is the second derivative, 6x.
"""

x = torch.tensor(2., requires_grad=True)
y = x ** 3
g, = torch.autograd.grad(y, x, create_graph=True)   #: 3x² = 12
g.backward()            #: x.grad = 6x = 12
