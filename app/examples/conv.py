"""A convolution is one small kernel, used everywhere.

Chapter: networks

The kernel slides over the picture, so each of its four weights touches every position: its gradient is a sum
over the picture.

[Y holds 2 × 2 positions](step=1), and [relu keeps two of them in a](step=2); [they add up to 4](step=3). Backward, [s
sends the same to each place of a](step=5), [a lets it pass only where Y was positive](step=6), and [Y hands k a sum
over both patches](step=7). [k.grad](step=8) is those two patches of X, added.
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
