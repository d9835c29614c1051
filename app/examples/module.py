"""A module and its parameters.

Chapter: networks

A Linear layer is W x + b with W and b as leaves. Both layers' gradients come from one backward pass.
"""

net = nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 1))
x = torch.tensor([[1., -1.]])
t = torch.tensor([[1.]])
y = net(x)
loss = F.mse_loss(y, t)
loss.backward()
