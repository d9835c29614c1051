"""Three iterations of training.

Chapter: training

The graph is made anew in every iteration; the parameter stays and changes. Watch the loss shrink and the
gradient with it.

The loss falls from [4](step=3) to [0.16](step=13) to [0.0064](step=23), and w goes to [1.3](step=9),
[1.46](step=19), [1.492](step=29). In between [w.grad is reset to None](step=10).
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
