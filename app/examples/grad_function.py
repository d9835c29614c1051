"""torch.autograd.grad returns, .backward() stores.

Chapter: backward

autograd.grad hands the gradients back and leaves every .grad as it was; the pass visits only what leads to
the inputs asked for.

The pass visits [y](step=4) and [x squared](step=5), and [returns 12](step=6). No step writes to x.grad or
w.grad.
"""

x = torch.tensor(3., requires_grad=True)
w = torch.tensor(2., requires_grad=True)
y = w * x ** 2
g, = torch.autograd.grad(y, x)      #: only the way to x
print(g, x.grad, w.grad)
