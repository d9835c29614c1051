"""A value used twice.

Chapter: graph

Where paths part on the way forward, gradients are summed on the way back. The engine waits until both
branches have answered before it goes on to u.

[u is 6](step=1) and goes into both [p](step=2) and [q](step=3). On the way back [q sends 4 to u](step=7) and
[p sends 12 to u](step=8). Only then is [u at work, with 16](step=9): both branches have to answer first.
"""

x = torch.tensor(2., requires_grad=True)
u = x * 3.
p = u ** 2          #: one branch
q = 4. * u          #: the other
y = p + q
y.backward()        #: u receives 2u + 4 = 16, x receives 3 · 16 = 48
