"""Layer normalisation by hand.

Chapter: networks

Every output depends on every input through the mean and the deviation, so the gradients sum to zero: a shift
of all inputs changes nothing.

[s receives −1.286](step=13) and hands it to every element of c; [m collects −0.9258](step=17) and hands it to
every element of x. That is why [x.grad](step=18) sums to zero.
"""

x = torch.tensor([1., 2., 6.], requires_grad=True)
m = x.mean()                    #: one path
c = x - m
s = c.pow(2).mean().sqrt()      #: another
y = c / s
z = y[2] * 2.
z.backward()
