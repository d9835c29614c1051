"""Size, offset and stride.

Chapter: tensors

A tensor is three small facts about a row of cells: how many elements along each axis, the cell where it begins,
and how many cells on the next element lies.

[A reads the twelve cells row by row](step=1). [row begins at cell 4](step=2), [col takes every fourth cell](step=3),
and [cut skips a row and every second column](step=5). [flip only swaps the strides](step=6), and [same reads one
row twice, with stride 0](step=7). What no stride can say needs cells of its own: [own is a copy](step=9).
"""

S = torch.arange(12.)               #: the storage: twelve cells in a row
A = S.view(3, 4)                    #: size 3 × 4, stride (4, 1), offset 0
row = A[1]                          #: size 4, stride 1, offset 4
col = A[:, 1]                       #: size 3, stride 4, offset 1
cut = A[1:, ::2]                    #: size 2 × 2, stride (4, 2), offset 4
flip = A.T                          #: size 4 × 3, stride (1, 4), offset 0
same = row.expand(2, 4)             #: size 2 × 4, stride (0, 1): one row, twice
own = flip.reshape(12)              #: no stride reads this order, so it is copied
