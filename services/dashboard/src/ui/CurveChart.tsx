/** A quantity over a number that somebody may choose: a budget, a quality floor, a price. */
import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';

export interface Line {
  label: string;
  /** One per x; null leaves a gap. */
  values: readonly (number | null)[];
  /** A CSS variable of the page. */
  color: string;
  side: 'left' | 'right';
  dash?: boolean;
}

const HEIGHT = 200;

/** `now` is marked by an upright line: the value that holds. */
export function CurveChart({
  xs,
  lines,
  now,
  said,
}: {
  xs: readonly number[];
  lines: readonly Line[];
  now: number | null;
  /** The chart in words, for those who do not see it. */
  said: string;
}) {
  const holder = useRef<HTMLDivElement>(null);
  const scheme = useComputedColorScheme('light');
  // biome-ignore lint/correctness/useExhaustiveDependencies: the colours come from the page's scheme
  useEffect(() => {
    const box = holder.current;
    if (box === null) return;
    const color = (name: string) => getComputedStyle(box).getPropertyValue(name).trim();
    const axis = {
      stroke: color('--text-3'),
      grid: { stroke: color('--line'), width: 1 },
      ticks: { show: false },
      font: '12px "Inter Variable", sans-serif',
      size: 48,
    };
    const fromZero = (_: uPlot, __: number, max: number): [number, number] => [0, Math.max(1, max * 1.1)];
    const chart = new uPlot(
      {
        width: box.clientWidth,
        height: HEIGHT,
        legend: { show: false },
        cursor: { y: false },
        scales: { x: { time: false }, left: { range: fromZero }, right: { range: fromZero } },
        axes: [
          { ...axis, size: 32, grid: { show: false } },
          { ...axis, scale: 'left' },
          ...(lines.some(({ side }) => side === 'right')
            ? [{ ...axis, scale: 'right', side: 1 as const, grid: { show: false } }]
            : []),
        ],
        series: [
          {},
          ...lines.map((line) => ({
            label: line.label,
            scale: line.side,
            stroke: color(line.color),
            width: 2,
            dash: line.dash ? [5, 4] : undefined,
            points: { show: true, size: 5, fill: color(line.color) },
          })),
        ],
        hooks: {
          draw: [
            (plot) => {
              if (now === null) return;
              const x = plot.valToPos(now, 'x', true);
              if (x < plot.bbox.left || x > plot.bbox.left + plot.bbox.width) return;
              plot.ctx.save();
              plot.ctx.strokeStyle = color('--text-3');
              plot.ctx.setLineDash([3, 3]);
              plot.ctx.beginPath();
              plot.ctx.moveTo(x, plot.bbox.top);
              plot.ctx.lineTo(x, plot.bbox.top + plot.bbox.height);
              plot.ctx.stroke();
              plot.ctx.restore();
            },
          ],
        },
      },
      [[...xs], ...lines.map(({ values }) => [...values])] as uPlot.AlignedData,
      box,
    );
    const fit = new ResizeObserver(() => chart.setSize({ width: box.clientWidth, height: HEIGHT }));
    fit.observe(box);
    return () => {
      fit.disconnect();
      chart.destroy();
    };
  }, [xs, lines, now, scheme]);
  return <div ref={holder} style={{ height: HEIGHT }} role="img" aria-label={said} />;
}
