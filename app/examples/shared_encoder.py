"""One encoder, two losses.

Chapter: backward

Two heads share the encoder h. One backward pass from the sum of both losses brings their gradients together
in h before they go on to w.

[p sends −2 to both elements of h](step=21), [h[0] sends −0.1515 to the first](step=20). In h they meet: [h
receives −2.152 and −2](step=22), the sum of both heads' wishes.
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
