"""Shape, stride and offset.

Chapter: tensors

A tensor is a window on its storage: offset is the first cell, the stride is the walk from one element to the
next. Slices share the cells of their base; only the window differs.

[M has two rows](step=1) but no new cells. [The column c](step=2) and [the row r](step=3) are windows on it, and so is
[every second cell, e](step=4). Only [d](step=5) has cells of its own: a column lies scattered, and contiguous copies it.
"""

a = torch.arange(6.)        #: six cells in a row
M = a.view(2, 3)            #: the same cells, read as two rows: stride (3, 1)
c = M[:, 1]                 #: a column: begin at cell 1, then go 3 further
r = M[1]                    #: a row: begin at cell 3
e = a[::2]                  #: every second cell: stride 2
d = c.contiguous()          #: now the column has cells of its own
