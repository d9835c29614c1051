"""When the local derivative is a matrix.

Chapter: chain rule

For a vector the local derivative is a Jacobian: that of W x with respect to x is W itself. Backward
multiplies by its transpose and never builds it.

[z = W x](step=1) has three components; [a has the negative one cut off](step=2). Backward, [a lets the
gradient through where z was positive](step=6), and [z multiplies (1, 0, 1) by the transpose of W](step=7):
[x.grad = 4, 3](step=8).
"""

W = torch.tensor([[1., 2.],
                  [0., -1.],
                  [3., 1.]])
x = torch.tensor([0.5, 1.], requires_grad=True)
z = W @ x               #: dz/dx = W, a 3 × 2 matrix
a = torch.relu(z)       #: diagonal: 1 where z > 0, else 0
y = a.sum()
y.backward()            #: Wᵀ · (1, 0, 1)
