import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import css from './contracts.module.css';

export interface Point {
  round: number;
  accuracy: number | null;
  loss: number | null;
}

/** Accuracy (left) and loss (right) by round; what was not measured leaves a gap. */
export default function RoundsChart({ points, target }: { points: readonly Point[]; target: number }) {
  const holder = useRef<HTMLDivElement>(null);
  const scheme = useComputedColorScheme('light');
  // biome-ignore lint/correctness/useExhaustiveDependencies: the colours come from the page's scheme
  useEffect(() => {
    const box = holder.current;
    if (box === null) return;
    const color = (name: string) => getComputedStyle(box).getPropertyValue(name).trim();
    const [text, line, accuracy, loss] = ['--text-3', '--line', '--bar-quality', '--bar-trust'].map(color);
    const axis = {
      stroke: text,
      grid: { stroke: line, width: 1 },
      ticks: { show: false },
      font: '12px "Inter Variable", sans-serif',
    };
    const dots = { show: true, size: 7 };
    const chart = new uPlot(
      {
        width: box.clientWidth,
        height: box.clientHeight,
        legend: { show: false },
        cursor: { y: false },
        scales: {
          x: { time: false, range: [0, Math.max(1, target)] },
          accuracy: { range: [0, 1] },
          loss: { range: (_, __, max) => [0, Math.max(0.1, max * 1.1)] },
        },
        axes: [
          {
            ...axis,
            grid: { show: false },
            splits: () =>
              Array.from({ length: target + 1 }, (_, round) => round).filter(
                (round) => round % Math.ceil((target + 1) / 12) === 0,
              ),
          },
          { ...axis, scale: 'accuracy', size: 44, values: (_, ticks) => ticks.map((tick) => tick.toFixed(1)) },
          {
            ...axis,
            scale: 'loss',
            side: 1,
            size: 44,
            grid: { show: false },
            values: (_, ticks) => ticks.map((tick) => tick.toFixed(1)),
          },
        ],
        series: [
          {},
          { label: 'accuracy', scale: 'accuracy', stroke: accuracy, width: 2.5, points: { ...dots, fill: accuracy } },
          { label: 'loss', scale: 'loss', stroke: loss, width: 2, dash: [5, 4], points: { ...dots, fill: loss } },
        ],
      },
      [
        points.map(({ round }) => round),
        points.map((point) => point.accuracy),
        points.map((point) => point.loss),
      ] as uPlot.AlignedData,
      box,
    );
    const fit = new ResizeObserver(() => chart.setSize({ width: box.clientWidth, height: box.clientHeight }));
    fit.observe(box);
    return () => {
      fit.disconnect();
      chart.destroy();
    };
  }, [points, target, scheme]);
  const said = points.map(
    ({ round, accuracy, loss }) =>
      `round ${round}: accuracy ${accuracy ?? 'not measured'}, loss ${loss ?? 'not measured'}`,
  );
  return <div ref={holder} className={css.chart} role="img" aria-label={said.join('; ') || 'no round yet'} />;
}
