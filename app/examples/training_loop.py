"""Three iterations of training.

Chapter: training

The graph is made anew in every iteration; the parameter stays and changes. Watch the loss shrink and the
gradient with it.
"""

x, t = 2., 3.
w = torch.tensor(0.5, requires_grad=True)
opt = torch.optim.SGD([w], lr=0.1)
for i in range(3):
    opt.zero_grad()
    loss = (w * x - t) ** 2
    loss.backward()
    opt.step()
    print(i, loss.item(), w.item())
