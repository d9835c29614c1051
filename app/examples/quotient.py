"""The quotient rule needs no rule.

Chapter: chain rule

Product and quotient rule are not built in: a division has two local derivatives, 1/v and −u/v², and the chain
rule does the rest.
"""

x = torch.tensor(2., requires_grad=True)
u = x ** 2 + 1.
v = 2. * x
y = u / v               #: dy/du = 1/v, dy/dv = -u/v²
y.backward()
