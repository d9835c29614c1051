"""Tensors of rank 0 to 4.

Chapter: tensors

A scalar, a vector, a matrix and beyond: the rank counts the indices that one element needs. Memory is one row
of cells all the same, and the stride says how many cells a step along each axis is.

[T has two layers of 2 × 3](step=1): its first index chooses the layer. [B has two samples of two channels](step=2).
[The mean over rows and columns m](step=3) is a matrix again, one number for each sample and channel.
"""

s = torch.tensor(7.)                        #: rank 0: no index
v = torch.tensor([1., 2., 3.])              #: rank 1: one index
M = torch.tensor([[1., 2.], [3., 4.]])      #: rank 2: row, column
T = torch.arange(12.).reshape(2, 2, 3)      #: rank 3: a stack of two matrices
B = torch.arange(16.).reshape(2, 2, 2, 2)   #: sample, channel, row, column
m = B.mean(dim=(2, 3))                      #: back to rank 2
