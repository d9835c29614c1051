"""The quotient rule needs no rule.

Chapter: chain rule

Product and quotient rule are not built in: a division has two local derivatives, 1/v and −u/v², and the chain
rule does the rest.

[y sends 0.25 to u and −0.3125 to v](step=6): these are 1/v and −u/v². [v passes −0.625 on to x](step=7), the
numerator's path brings [1](step=9). Their sum is [x.grad = 0.375](step=10).
"""

x = torch.tensor(2., requires_grad=True)
u = x ** 2 + 1.
v = 2. * x
y = u / v               #: dy/du = 1/v, dy/dv = -u/v²
y.backward()
