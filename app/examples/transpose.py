"""A transpose is a view.

Chapter: tensors

W.T copies nothing: it swaps the strides and reads the same storage. Its gradient is the gradient of the
product, transposed back.

[V holds the numbers of W](step=1) in another order, and no cell was copied. [The product sends its gradient
to V](step=6), in the shape of V; [V turns it round](step=7), and [W.grad has the shape of W](step=8) again.
"""

W = torch.tensor([[1., 2., 3.],
                  [4., 5., 6.]], requires_grad=True)
x = torch.tensor([[1.], [2.]])
V = W.T             #: same storage, strides swapped: (3, 1) becomes (1, 3)
y = V @ x
s = y.sum()
s.backward()        #: the gradient of W has the shape of W
