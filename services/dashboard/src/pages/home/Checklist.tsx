import { Button } from '@mantine/core';
import { IconCheck, IconRefresh } from '@tabler/icons-react';
import { Link } from 'react-router';
import { useSession } from '~/app/session';
import { useTour } from '~/app/tour';
import { useGo } from '~/app/useGo';
import { look, ROLE } from '~/domain/states';
import { Badge, Tag } from '~/ui/basics';
import { Panel } from '~/ui/layout';
import { Loading, Note } from '~/ui/states';
import css from './home.module.css';

export function Checklist() {
  const tour = useTour();
  const go = useGo();
  const { personas } = useSession();
  const done = tour.steps.filter((step) => step.done).length;
  return (
    <Panel
      title="The loop in six steps"
      hint={
        personas.length > 0
          ? 'Each button takes the right role and opens a filled-in form. Steps tick themselves when the exchange says so.'
          : 'Each button opens the right page. Steps tick themselves when the exchange says so.'
      }
      flush
      actions={
        done > 0 && (
          <Button size="xs" variant="default" leftSection={<IconRefresh size={14} />} onClick={tour.restart}>
            Start over
          </Button>
        )
      }
    >
      <div
        className={css.progress}
        role="progressbar"
        aria-valuenow={done}
        aria-valuemin={0}
        aria-valuemax={6}
        aria-label="Steps done"
        style={{ marginTop: 4 }}
      >
        <span style={{ width: `${(done / 6) * 100}%` }} />
      </div>
      {!tour.ready ? (
        <div style={{ padding: 18 }}>
          <Loading rows={9} height={22} />
        </div>
      ) : (
        <ol className={css.steps}>
          {tour.steps.map((step, index) => {
            const current = step === tour.next;
            return (
              <li
                key={step.id}
                className={`${css.step} ${step.done ? css.done : ''} ${current ? css.current : ''}`}
                aria-current={current ? 'step' : undefined}
                data-step={step.id}
                data-done={step.done}
              >
                <span className={css.mark} aria-hidden>
                  {step.done ? <IconCheck size={15} stroke={2.6} /> : index + 1}
                </span>
                <h3 className={css.title}>
                  {step.title}
                  {step.done && <span className="vh"> (done)</span>}{' '}
                  {current && <Tag>as {look(ROLE, step.role).label.toLowerCase()}</Tag>}
                </h3>
                {!step.done && <p className={css.text}>{step.text}</p>}
                <div className={css.act}>
                  {current && step.busy && <Badge tone="live">under way</Badge>}{' '}
                  {current && (
                    <Button onClick={() => go(step)} variant={step.busy ? 'default' : 'filled'}>
                      {step.action}
                    </Button>
                  )}
                  {step.done && step.made !== null && (
                    <Link to={step.made} className="link" style={{ fontSize: 13 }}>
                      Open<span className="vh"> what {step.title.toLowerCase()} made</span>
                    </Link>
                  )}
                </div>
              </li>
            );
          })}
        </ol>
      )}
      {tour.ready && done === 6 && (
        <div style={{ padding: '4px 18px 18px' }}>
          <Note tone="good" title="That was the whole loop.">
            Offered, matched, trained, paid and verified. Look at <Link to="/operations">operations</Link>, or start
            over with another budget.
          </Note>
        </div>
      )}
    </Panel>
  );
}
