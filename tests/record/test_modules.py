"""`nn` modules of every family: each op has its module and call, each parameter its path, shared ones are one node."""

import pytest

from app.record import record

FAMILIES = {
    "nn.Linear(3, 2)": ("torch.randn(4, 3)", {"F.linear"}),
    "nn.Bilinear(3, 3, 2)": ("torch.randn(4, 3), torch.randn(4, 3)", {"F.bilinear"}),
    "nn.Conv1d(2, 3, 2)": ("torch.randn(1, 2, 5)", {"F.conv1d"}),
    "nn.Conv2d(2, 3, 2, padding=1, padding_mode='reflect')": ("torch.randn(1, 2, 5, 5)", {"F.conv2d", "F.pad"}),
    "nn.Conv3d(2, 3, 2)": ("torch.randn(1, 2, 4, 4, 4)", {"F.conv3d"}),
    "nn.ConvTranspose1d(2, 3, 2)": ("torch.randn(1, 2, 5)", {"F.conv_transpose1d"}),
    "nn.ConvTranspose2d(2, 3, 2)": ("torch.randn(1, 2, 3, 3)", {"F.conv_transpose2d"}),
    "nn.ConvTranspose3d(2, 3, 2)": ("torch.randn(1, 2, 3, 3, 3)", {"F.conv_transpose3d"}),
    "nn.BatchNorm1d(2)": ("torch.randn(4, 2)", {"F.batch_norm", "Tensor.add_"}),
    "nn.LayerNorm(3)": ("torch.randn(2, 3)", {"F.layer_norm"}),
    "nn.GroupNorm(2, 4)": ("torch.randn(2, 4)", {"F.group_norm"}),
    "nn.InstanceNorm1d(2, affine=True)": ("torch.randn(2, 2, 4)", {"F.instance_norm"}),
    "nn.RMSNorm(3)": ("torch.randn(2, 3)", {"F.rms_norm"}),
    "nn.MaxPool2d(2)": ("torch.randn(1, 1, 4, 4, requires_grad=True)", {"F.max_pool2d"}),
    "nn.AdaptiveAvgPool2d(1)": ("torch.randn(1, 1, 4, 4, requires_grad=True)", {"F.adaptive_avg_pool2d"}),
    "nn.Embedding(5, 3)": ("torch.tensor([1, 2, 1])", {"F.embedding"}),
    "nn.EmbeddingBag(5, 3)": ("torch.tensor([[1, 2], [3, 4]])", {"F.embedding_bag"}),
    "nn.RNN(3, 4)": ("torch.randn(5, 2, 3)", {"torch.rnn_tanh"}),
    "nn.LSTM(3, 4, 2)": ("torch.randn(5, 2, 3)", {"torch.lstm"}),
    "nn.GRU(3, 4, bidirectional=True)": ("torch.randn(5, 2, 3)", {"torch.gru"}),
    "nn.LSTMCell(3, 4)": ("torch.randn(2, 3)", {"torch.lstm_cell"}),
    "nn.MultiheadAttention(4, 2)": ("*[torch.randn(3, 1, 4)] * 3", {"F.multi_head_attention_forward"}),
    "nn.PReLU()": ("torch.randn(3)", {"F.prelu"}),
    "nn.Tanh()": ("torch.randn(3, requires_grad=True)", {"torch.tanh"}),
    "nn.Softmax(-1)": ("torch.randn(3, requires_grad=True)", {"F.softmax"}),
    "nn.Flatten()": ("torch.randn(2, 3, 4, requires_grad=True)", {"Tensor.flatten"}),
    "nn.CrossEntropyLoss()": ("torch.randn(2, 3, requires_grad=True), torch.tensor([0, 2])", {"F.cross_entropy"}),
    "nn.MSELoss()": ("torch.randn(2, requires_grad=True), torch.zeros(2)", {"F.mse_loss"}),
    "nn.CTCLoss()": (
        "torch.randn(5, 1, 3, requires_grad=True).log_softmax(2), torch.tensor([[1, 2]]), (5,), (2,)",
        {"F.ctc_loss"},
    ),
}


@pytest.mark.parametrize("module", FAMILIES)
def test_every_op_has_its_module_and_call_and_every_parameter_its_path(module):
    inputs, calls = FAMILIES[module]
    trace = record(f"net = {module}\ninputs = [{inputs}]\ny = net(*inputs)\n", explain=False)
    inside = [node for node in trace.nodes if node.kind == "op" and node.line == 3]
    assert inside
    assert {node.module for node in inside} == {"net"}
    assert {node.call for node in inside if node.grad_fn is not None} <= calls
    assert {node.call for node in inside} & calls
    parameters = {node.name for node in trace.nodes if node.kind == "leaf" and node.name and "[" not in node.name}
    scope: dict = {}
    exec(f"from torch import nn\nnet = {module}", scope)
    assert {name for name in parameters if name.startswith("net.")} == {
        name for name, _ in scope["net"].named_parameters(prefix="net")
    }


@pytest.mark.filterwarnings("ignore:enable_nested_tensor")
def test_a_transformer_names_the_innermost_module():
    source = "net = nn.Transformer(4, 2, 1, 1, 8)\ny = net(torch.randn(3, 1, 4), torch.randn(3, 1, 4))\n"
    modules = {node.module for node in record(source, explain=False).nodes if node.kind == "op" and node.line == 2}
    assert {"net.encoder.layers.0.self_attn", "net.decoder.layers.0.multihead_attn", "net.decoder.norm"} <= modules


def test_a_call_in_the_users_own_module_is_named():
    source = """
class Mix(nn.Module):
    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.ones(2, 2))
    def forward(self, x):
        return torch.einsum('ij,jk->ik', x, self.w)
net = Mix()
y = net(torch.ones(2, 2))
"""
    ops = [node for node in record(source).nodes if node.grad_fn is not None]
    assert {(node.call, node.module, node.line) for node in ops} == {("torch.einsum", "net", 7)}


def test_a_shared_parameter_is_one_leaf_with_two_edges():
    source = """
net = nn.Sequential(nn.Linear(2, 2, bias=False), nn.Tanh(), nn.Linear(2, 2, bias=False))
net[2].weight = net[0].weight
net(torch.ones(1, 2)).sum().backward()
"""
    trace = record(source)
    leaves = [node for node in trace.nodes if node.kind == "leaf" and node.id in {e.source for e in trace.edges}]
    assert [node.name for node in leaves] == ["net.0.weight"]
    assert sum(edge.source == leaves[0].id for edge in trace.edges) == 2
    assert [entry.node for entry in trace.passes[0].accumulated] == [leaves[0].id]
