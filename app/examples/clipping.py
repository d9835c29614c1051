"""Clipping a gradient.

Chapter: training

clip_grad_norm_ shortens the gradient of all parameters together and keeps its direction: (3, 4) of length 5
becomes length 1.

[w.grad is (3, 4)](step=8) and its length is [5](step=9). Clipping [writes 0.6 and 0.8](step=12) into it.
"""

w = torch.tensor([3., 4.], requires_grad=True)
loss = 0.5 * (w ** 2).sum()
loss.backward()                                     #: (3, 4)
torch.nn.utils.clip_grad_norm_([w], max_norm=1.)    #: (0.6, 0.8)
