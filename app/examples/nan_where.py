"""NaN from the branch not taken.

Chapter: pitfalls

where picks the safe value, yet both branches are differentiated: the infinite slope of the square root at 0,
times 0, is NaN.

[y takes r where x is positive](step=4), the safe values. But backward [r still receives 0 and sends
nan](step=10): 0 times an infinite slope. [x.grad](step=11) is spoiled.
"""

x = torch.tensor([0., 4.], requires_grad=True)
r = torch.sqrt(x)                       #: slope at 0: infinite
y = torch.where(x > 0, r, x * 0.)       #: 0 is taken from the safe branch
s = y.sum()
s.backward()                            #: 0 · inf = nan
