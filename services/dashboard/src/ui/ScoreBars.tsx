import type { Schemas } from '~/api/client';
import css from './ui.module.css';

type Score = Schemas['ScoreOut'];

const PARTS = [
  { key: 'quality_component', label: 'Quality', most: 0.5, color: 'var(--bar-quality)' },
  { key: 'cost_component', label: 'Cost', most: 0.3, color: 'var(--bar-cost)' },
  { key: 'trust_component', label: 'Trust', most: 0.2, color: 'var(--bar-trust)' },
] as const;

/** The parts of a score as one stacked bar out of 1, and as numbers. */
export function ScoreBars({ score, numbers = true }: { score: Score; numbers?: boolean }) {
  const said = PARTS.map(({ key, label, most }) => `${label} ${score[key].toFixed(3)} of ${most}`).join(', ');
  return (
    <div style={{ minWidth: 140 }}>
      <div className={css.bars} role="img" aria-label={`Score ${score.total.toFixed(3)}: ${said}`}>
        {PARTS.map(({ key, color }) => (
          <span key={key} style={{ width: `${score[key] * 100}%`, background: color }} />
        ))}
      </div>
      {numbers && (
        <div className={`${css.legend} num`} style={{ marginTop: 6 }} aria-hidden>
          {PARTS.map(({ key, label, color, most }) => (
            <span key={key}>
              <span className={css.swatch} style={{ background: color }} />
              {label} {score[key].toFixed(3)}
              <span style={{ color: 'var(--text-3)' }}> / {most}</span>
            </span>
          ))}
        </div>
      )}
    </div>
  );
}
