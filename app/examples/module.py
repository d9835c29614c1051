"""A module and its parameters.

Chapter: networks

A Linear layer is W x + b with W and b as leaves. Both layers' gradients come from one backward pass.

A Linear layer is one operation, addmm, on the transposed weight. The first layer gives [−0.657 and
0.128](step=2), and [relu leaves 0 and 0.128](step=3). On the way back [relu sends 0 to that unit](step=13),
so its row of [net.0.weight.grad is 0](step=17).
"""

net = nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 1))
x = torch.tensor([[1., -1.]])
t = torch.tensor([[1.]])
y = net(x)
loss = F.mse_loss(y, t)
loss.backward()
