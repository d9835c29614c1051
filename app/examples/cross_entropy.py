"""Softmax and cross-entropy.

Chapter: networks

The gradient of the logits is softmax minus one-hot: what the network says, less what is true. It sums to
zero.

[log_softmax turns z into log-probabilities](step=1), and [the loss picks the right class: 0.4076](step=2).
Backward, [the loss sends −1 to that class alone](step=4), and [log_softmax spreads it: −0.3348, 0.2447,
0.09003](step=5). They sum to zero.
"""

z = torch.tensor([[2., 1., 0.]], requires_grad=True)    #: logits of three classes
t = torch.tensor([0])                                   #: class 0 is right
loss = F.cross_entropy(z, t)
loss.backward()                                         #: softmax(z) - (1, 0, 0)
