"""Who needs a gradient?.

Chapter: graph

Only tensors marked with requires_grad are leaves with a gradient; what is computed from them needs one as
well, all else is a plain input. The graph behind c ends where no gradient is needed.

[k is computed from x alone](step=1) and needs no gradient, [y needs one because of w](step=2). The backward
pass therefore sends something [to w, and nothing to k](step=6).
"""

x = torch.tensor([1., 2.])                          #: data: no gradient
w = torch.tensor([0.5, -1.], requires_grad=True)    #: a parameter
k = x * 2.          #: made of data alone: no grad_fn
y = w * k           #: w makes y part of the graph
c = y.sum()
c.backward()
print(x.grad, w.grad)
