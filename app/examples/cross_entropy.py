"""Softmax and cross-entropy.

Chapter: networks

The gradient of the logits is softmax minus one-hot: what the network says, less what is true. It sums to
zero.
"""

z = torch.tensor([[2., 1., 0.]], requires_grad=True)    #: logits of three classes
t = torch.tensor([0])                                   #: class 0 is right
loss = F.cross_entropy(z, t)
loss.backward()                                         #: softmax(z) - (1, 0, 0)
