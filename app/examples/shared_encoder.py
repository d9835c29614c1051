"""One encoder, two losses.

Chapter: backward

Two heads share the encoder h. One backward pass from the sum of both losses brings their gradients together
in h before they go on to w.
"""

x = torch.tensor([1., -2.])
w = torch.tensor([0.5, 0.25], requires_grad=True)
h = torch.tanh(w * x)                   #: the shared encoder
p = h.sum()                             #: head one
q = h[0] * 2.                           #: head two
L1 = (p - 1.) ** 2
L2 = (q - 1.) ** 2
loss = L1 + 0.5 * L2
loss.backward()
