"""The room that an edge's labels keep: its local derivative on one side of the lanes, its chip on the other.

In the frame of the routes: `u` along the direction of the drawing, `v` across it, the plate's middle at the origin.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from app.core.parameters import Direction
from app.draw.dot import Box

LANE = 6.0
"""Half the distance of the two lanes."""
GAP = 6.0
"""Between a lane and its label."""
CHIP_WIDTH, CHIP_HEIGHT, CHIP_TALL = 108.0, 32.0, 50.0
"""`CHIP_TALL`: of two lines."""
LOCAL_WIDTH, LOCAL_HEIGHT = 66.0, 24.0
MARGIN, FAN_MARGIN = 2.0, 20.0
"""Free length at both ends of a plate; more where several edges leave one card, which need the room to part."""

LocalEnd = Literal["start", "middle", "end"]
Rect = tuple[float, float, float, float]
"""Least u, least v, greatest u, greatest v."""


@dataclass(frozen=True, slots=True)
class Plate:
    """Sizes on the page. `shift`: where the lanes run beside the middle of the box, across the direction."""

    direction: Direction
    chip: Box
    local: Box
    shift: float
    margin: float
    """Free room before and after the labels."""

    @property
    def box(self) -> Box:
        """The room it keeps."""
        if self.direction == "LR":
            return Box(self.chip.width + 2 * self.margin, 2 * (BESIDE + self.chip.height))
        return Box(2 * BESIDE + self.chip.width + self.local.width, self.chip.height + 16 + 2 * self.margin)

    @property
    def length(self) -> float:
        """Along the direction of the drawing."""
        return self.box.width if self.direction == "LR" else self.box.height

    @property
    def breadth(self) -> float:
        """Across the direction of the drawing."""
        return self.box.height if self.direction == "LR" else self.box.width

    @property
    def slack(self) -> tuple[float, float]:
        """How far the lanes may move to the side of the local derivative, and to that of the chip."""
        if self.direction == "LR":
            return self.chip.height - self.local.height + 5, 5.0
        return 5.0, 5.0


BESIDE = LANE + GAP


def plate_for(direction: Direction, *, fanned: bool) -> Plate:
    """The plate of an edge; `fanned`: it isn't the only one that leaves its card or enters the next."""
    chip, local = Box(CHIP_WIDTH, CHIP_TALL), Box(LOCAL_WIDTH, LOCAL_HEIGHT)
    return Plate(direction, chip, local, 0.0 if direction == "LR" else SHIFT_DOWN, FAN_MARGIN if fanned else MARGIN)


SHIFT_DOWN = -(CHIP_WIDTH - LOCAL_WIDTH) / 2
"""In a drawing from top to bottom the chip is wider than the number on the other side of the lanes."""


def lane_shift(direction: Direction) -> float:
    """Where lanes meet a card, beside the middle of its side."""
    return 0.0 if direction == "LR" else SHIFT_DOWN


def label_rooms(plate: Plate, *, flipped: bool, local: LocalEnd) -> tuple[Rect, Rect]:
    """Where chip and local derivative may lie, relative to the middle of the lanes on the plate.

    The chip lies on the side of greater v (below, to the right), where `flipped` on the other; the local derivative
    opposite, at the plate's start, middle or end.
    """
    along = plate.direction == "LR"
    half = plate.length / 2 - plate.margin
    chip_u, chip_v = (plate.chip.width, plate.chip.height) if along else (plate.chip.height, plate.chip.width)
    local_u, local_v = (plate.local.width, plate.local.height) if along else (plate.local.height, plate.local.width)
    start = {"start": -half, "middle": -local_u / 2, "end": half - local_u}[local]
    chip = (-chip_u / 2, BESIDE, chip_u / 2, BESIDE + chip_v)
    number = (start, -BESIDE - local_v, start + local_u, -BESIDE)
    return (_mirrored(chip), _mirrored(number)) if flipped else (chip, number)


def _mirrored(rect: Rect) -> Rect:
    return (rect[0], -rect[3], rect[2], -rect[1])
