"""One attention head.

Chapter: networks

Queries ask, keys answer, values are mixed: softmax(Q Kᵀ/√d) V. The gradient reaches V directly, Q and K only
through the softmax.

[The scores S](step=3) become [weights A that sum to 1](step=4), and [O mixes the values](step=5). [V receives
the weights themselves](step=10). For Q and K the way is longer: [the softmax sends −0.4424 and
0.4424](step=11), two numbers that cancel.
"""

Q = torch.tensor([[1., 0.]], requires_grad=True)                #: one query
K = torch.tensor([[1., 0.], [0., 1.]], requires_grad=True)      #: two keys
V = torch.tensor([[2., 0.], [0., 4.]], requires_grad=True)      #: their values
S = Q @ K.T / math.sqrt(2)              #: scores
A = torch.softmax(S, dim=1)             #: weights that sum to 1
O = A @ V                               #: the mixed value
y = O.sum()
y.backward()
