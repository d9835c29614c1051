"""Broadcasting, and the sum on the way back.

Chapter: tensors

The bias has three numbers, the matrix two rows: forward each row uses the same bias, so backward its gradient
is the sum over the rows.

[Y has two rows](step=1), b only one. On the way back [Y receives X](step=7), two rows again, and sends their
sum to b: [b.grad = 5, 7, 9](step=8).
"""

X = torch.tensor([[1., 2., 3.],
                  [4., 5., 6.]])
b = torch.tensor([1., 0., -1.], requires_grad=True)
Y = X + b           #: b is used once a row
s = (Y * X).sum()
s.backward()        #: the gradient of b: the columns of X, summed
