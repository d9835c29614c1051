"""A convolution is one small kernel, used everywhere.

Chapter: networks

The kernel slides over the picture, so each of its four weights touches every position: its gradient is a sum
over the picture.
"""

X = torch.tensor([[[[1., 0., 2.],
                    [0., 1., 0.],
                    [2., 0., 1.]]]])        #: sample, channel, row, column
k = torch.tensor([[[[1., -1.],
                    [0., 1.]]]], requires_grad=True)
Y = F.conv2d(X, k)          #: 2 × 2 positions
a = torch.relu(Y)           #: two positions answer
s = a.sum()
s.backward()
