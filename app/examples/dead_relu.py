"""A dead ReLU.

Chapter: pitfalls
Compare: torch.relu => torch.tanh

The sum is negative, so ReLU is 0 and so is its derivative: no gradient reaches w or b, and no step of
training will ever change them.

[v is −3](step=2), so [a is 0](step=3). Backward, [a receives −2 and sends 0](step=9), and all that follows is
zero: [b.grad](step=11), [w.grad](step=13).
"""

x = torch.tensor(2.)
w = torch.tensor(1., requires_grad=True)
b = torch.tensor(-5., requires_grad=True)
v = w * x + b           #: -3
a = torch.relu(v)       #: 0, and its derivative is 0
loss = (a - 1.) ** 2
loss.backward()         #: zero for both
