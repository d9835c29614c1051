"""The chain rule through many variables.

Chapter: chain rule

Four functions inside one another: the gradient of x is the product of four local derivatives, collected from
the outside in.
"""

x = torch.tensor(0.5, requires_grad=True)
u = x ** 2              #: du/dx = 2x
v = torch.exp(u)        #: dv/du = v itself
w = v + 1.              #: dw/dv = 1
y = torch.log(w)        #: dy/dw = 1/w
y.backward()
