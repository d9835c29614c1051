"""A transpose is a view.

Chapter: tensors

W.T copies nothing: it swaps the strides and reads the same storage. Its gradient is the gradient of the
product, transposed back.
"""

W = torch.tensor([[1., 2., 3.],
                  [4., 5., 6.]], requires_grad=True)
x = torch.tensor([[1.], [2.]])
V = W.T             #: same storage, strides swapped: (3, 1) becomes (1, 3)
y = V @ x
s = y.sum()
s.backward()        #: the gradient of W has the shape of W
