"""Vanishing gradients.

Chapter: pitfalls

The derivative of a sigmoid is at most 1/4. Four in a row shrink the gradient by a factor of more than 256.
"""

x = torch.tensor(0.5, requires_grad=True)
h = x
for i in range(4):
    h = torch.sigmoid(h)        #: times at most 0.25
h.backward()
