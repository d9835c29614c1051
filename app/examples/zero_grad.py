"""Forgotten zero_grad.

Chapter: pitfalls

Without zero_grad the second iteration adds its gradient to the first one's. The step is too long, and jumps
over the minimum.
"""

w = torch.tensor(1., requires_grad=True)
opt = torch.optim.SGD([w], lr=0.4)
for i in range(2):
    loss = w ** 2
    loss.backward()     #: second time: old gradient + new gradient
    opt.step()
print(w)                #: with zero_grad it would be 0.04
