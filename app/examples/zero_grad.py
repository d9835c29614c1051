"""Forgotten zero_grad.

Chapter: pitfalls
Compare: loss = w ** 2 => opt.zero_grad(); loss = w ** 2

Without zero_grad the second iteration adds its gradient to the first one's. The step is too long, and jumps
over the minimum.

The first step [goes from 1 to 0.2](step=5). The second gradient would be [0.4](step=8), but [w.grad was 2
already](step=9), and the step [goes to −0.76](step=10), far beyond the minimum.
"""

w = torch.tensor(1., requires_grad=True)
opt = torch.optim.SGD([w], lr=0.4)
for i in range(2):
    loss = w ** 2
    loss.backward()     #: second time: old gradient + new gradient
    opt.step()
print(w)                #: with zero_grad it would be 0.04
