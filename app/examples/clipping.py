"""Clipping a gradient.

Chapter: training

clip_grad_norm_ shortens the gradient of all parameters together and keeps its direction: (3, 4) of length 5
becomes length 1.
"""

w = torch.tensor([3., 4.], requires_grad=True)
loss = 0.5 * (w ** 2).sum()
loss.backward()                                     #: (3, 4)
torch.nn.utils.clip_grad_norm_([w], max_norm=1.)    #: (0.6, 0.8)
