"""torch.autograd.grad returns, .backward() stores.

Chapter: backward

autograd.grad hands the gradients back and leaves every .grad as it was; the pass visits only what leads to
the inputs asked for.
"""

x = torch.tensor(3., requires_grad=True)
w = torch.tensor(2., requires_grad=True)
y = w * x ** 2
g, = torch.autograd.grad(y, x)      #: only the way to x
print(g, x.grad, w.grad)
