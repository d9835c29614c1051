"""Training, end to end.

Chapter: training

Data, model, loss, optimizer, and a loop of five lines: forward, forget the old gradients, backward, step. After two
rounds the error has shrunk.

With zeros everywhere [Y is 0](step=2) and [the loss is 11.67](step=5). Backward, [b.grad becomes −6](step=11) and
[W.grad becomes −8.667](step=13), so [W and b go up](step=14). In the second round [the loss is 3.207](step=19); the
optimizer [forgets W.grad and b.grad](step=20), and [W goes on to 1.324](step=29), a smaller step: [W.grad is only −4.578](step=28).
"""

X = torch.tensor([[0.], [1.], [2.]])
T = torch.tensor([[1.], [3.], [5.]])        #: the line 2x + 1
W = torch.zeros(1, 1, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
optimizer = torch.optim.SGD([W, b], lr=0.1)
for epoch in range(2):
    Y = X @ W + b                           #: forward
    loss = ((Y - T) ** 2).mean()            #: how wrong
    optimizer.zero_grad()                   #: forget the last round
    loss.backward()                         #: who is to blame
    optimizer.step()                        #: a step downhill
