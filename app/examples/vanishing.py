"""Vanishing gradients.

Chapter: pitfalls
Compare: torch.sigmoid => torch.relu

The derivative of a sigmoid is at most 1/4. Four in a row shrink the gradient by a factor of more than 256.

The first sigmoid from the end leaves [0.2248](step=6), the next [0.05065](step=7), then [0.01151](step=8).
After four, [x.grad is 0.002705](step=10).
"""

x = torch.tensor(0.5, requires_grad=True)
h = x
for i in range(4):
    h = torch.sigmoid(h)        #: times at most 0.25
h.backward()
