import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useLocation } from 'react-router';
import { look, ROLE } from '~/domain/states';
import { useSession } from './session';
import css from './shell.module.css';
import { useTour } from './tour';
import { useGo } from './useGo';

/** The next step of the loop, on every page but the one that shows all of them. */
export function Guide() {
  const { pathname, search } = useLocation();
  const { personas } = useSession();
  const tour = useTour();
  const go = useGo();
  const begun = tour.steps.some((step) => step.done);
  if (
    pathname === '/' ||
    personas.length === 0 ||
    !tour.ready ||
    tour.hidden ||
    (!begun && tour.next?.to.split('?')[0] !== pathname)
  ) {
    return null;
  }
  const { next } = tour;
  const number = next ? tour.steps.indexOf(next) + 1 : tour.steps.length;
  // Reading the timeline is a step of its own on the page where the steps before happened.
  const here = next?.id === 'read' ? next.to === pathname + search : next?.to.split('?')[0] === pathname;
  return (
    <aside className={css.guide} aria-label="Guided loop">
      <span
        className={css.dots}
        role="img"
        aria-label={`${tour.steps.filter((step) => step.done).length} of 6 steps done`}
      >
        {tour.steps.map((step) => (
          <span key={step.id} className={step.done ? css.on : ''} />
        ))}
      </span>
      <span className={css.guideText}>
        {next ? (
          <>
            <strong>
              Step {number} of 6: {next.title}.
            </strong>{' '}
            <span style={{ color: 'var(--text-2)' }}>
              {next.busy
                ? 'It is under way; this ticks by itself.'
                : here
                  ? 'It happens on this page.'
                  : `As ${look(ROLE, next.role).label.toLowerCase()}.`}
            </span>
          </>
        ) : (
          <strong>That was the whole loop: offered, matched, trained, paid and verified.</strong>
        )}
      </span>
      {next && !here && (
        <Button size="xs" className={css.guideAct ?? ''} onClick={() => go(next)}>
          {next.action}
        </Button>
      )}
      {!next && (
        <Button size="xs" variant="default" className={css.guideAct ?? ''} onClick={tour.restart}>
          Start over
        </Button>
      )}
      <Tooltip label="Hide the guide (it stays on the home page)">
        <ActionIcon variant="subtle" color="gray" aria-label="Hide the guide" onClick={() => tour.hide(true)}>
          <IconX size={16} />
        </ActionIcon>
      </Tooltip>
    </aside>
  );
}
