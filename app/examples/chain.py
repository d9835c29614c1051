"""The chain rule through many variables.

Chapter: chain rule

Four functions inside one another: the gradient of x is the product of four local derivatives, collected from
the outside in.

Forward, each variable has one local derivative. Backward they are multiplied, from the outside in: [1/w =
0.4378](step=6), [times 1](step=7), [times v = 1.284](step=8), [times 2x = 1](step=9). The product is [x.grad
= 0.5622](step=10).
"""

x = torch.tensor(0.5, requires_grad=True)
u = x ** 2              #: du/dx = 2x
v = torch.exp(u)        #: dv/du = v itself
w = v + 1.              #: dw/dv = 1
y = torch.log(w)        #: dy/dw = 1/w
y.backward()
