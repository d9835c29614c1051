"""Two paths, one sum.

Chapter: chain rule

y depends on x through u and through v. Each path gives a product, and the gradient is the sum over all paths.

[y sends 4 to u and 6 to v](step=5): the derivative of a product is the other factor. [The path through v
brings 24 to x](step=6), [the path through u brings 12](step=7), and [x.grad is 36](step=8).
"""

x = torch.tensor(2., requires_grad=True)
u = 3. * x              #: du/dx = 3
v = x ** 2              #: dv/dx = 2x = 4
y = u * v               #: dy/du = v = 4, dy/dv = u = 6
y.backward()            #: 4 · 3 + 6 · 4 = 36
