"""One encoder, two losses.

Chapter: backward

Two losses look at the same encoder h. One backward pass from their sum brings both gradients together in h
before they go on to w.

[L2 sends 0.7616 to h](step=11), down; [L1's side sends −0.4768](step=13), up. In h they meet: [h receives
0.2848](step=14), the sum of both wishes, and [w.grad is 0.2392](step=16).
"""

x = torch.tensor(2.)
w = torch.tensor(0.5, requires_grad=True)
h = torch.tanh(w * x)       #: the shared encoder
L1 = (h - 1.) ** 2          #: one loss pulls h up
L2 = h ** 2                 #: the other pulls it down
loss = L1 + 0.5 * L2
loss.backward()
