"""A residual connection.

Chapter: networks

x + f(x): the addition copies the gradient to both sides, so one part always arrives unharmed, however small
the derivative of f is.

[y copies its gradient to x and to f](step=5). What comes back through f is small, [0.09975](step=7); the 1 of
the short way makes sure that x hears enough.
"""

x = torch.tensor(0.5, requires_grad=True)
w = torch.tensor(0.1, requires_grad=True)
f = torch.tanh(w * x)
y = x + f           #: the short way and the long way
y.backward()        #: x receives 1 + a little
