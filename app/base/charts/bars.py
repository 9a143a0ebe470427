"""Horizontal bars, longest first: a Pareto of causes, of parts, of ages."""

from __future__ import annotations

from dataclasses import dataclass

from app.base.charts.axis import Scale, draw_nothing
from app.base.charts.svg import Canvas, Ink, Medium, Svg, boxes, fitted, line, text_width

ROW = 15.0
BAR = 10.0


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar.

    label: what it counts (“short delivery”). value: its length, 0 or more.
    text: the words beside it (“112 lines · 43 %”). is_ours: drawn open, for what is not the
    supplier's doing.
    """

    label: str
    value: float
    text: str
    is_ours: bool = False


@dataclass(frozen=True, slots=True)
class BarChart:
    """Bars in the order given, on one scale from zero.

    title, description: what is shown, and the text alternative. bars: in reading order.
    """

    title: str
    description: str
    bars: tuple[Bar, ...]

    def svg(
        self, medium: Medium = Medium.SCREEN, *, width: float = 330, label_width: float = 110
    ) -> Svg:
        """Draw the chart; its height follows from its rows."""
        canvas = Canvas(width, max(ROW * 2, ROW * len(self.bars) + 2), medium)
        longest = max((bar.value for bar in self.bars), default=0)
        if longest <= 0:
            draw_nothing(canvas)
            return canvas.close(self.title, self.description)
        room = max(text_width(bar.text, canvas.size) for bar in self.bars) * 1.05 + 8
        across = Scale(0, longest, label_width + 6, max(label_width + 30, width - room))
        canvas.path(Ink.BAR, self._boxes(across, ours=False))
        canvas.path(Ink.EXTRA, self._boxes(across, ours=True))
        foot = ROW * len(self.bars)
        canvas.path(Ink.AXIS, line((across.start, 0), (across.start, foot)))
        for index, bar in enumerate(self.bars):
            baseline = ROW * index + ROW - 4
            name = fitted(bar.label, label_width, canvas.size)
            canvas.text((across.start - 6, baseline), name, anchor="end")
            canvas.text((across(bar.value) + 4, baseline), bar.text)
        return canvas.close(self.title, self.description)

    def _boxes(self, across: Scale, *, ours: bool) -> str:
        return boxes(
            (across.start, ROW * i + (ROW - BAR) / 2, across(bar.value) - across.start, BAR)
            for i, bar in enumerate(self.bars)
            if bar.is_ours is ours and bar.value > 0
        )
