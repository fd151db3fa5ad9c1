import { useCallback } from 'react';
import { useNavigate } from 'react-router';
import type { TourStep } from '~/domain/tour';
import { useSession } from './session';

/** Takes the step's persona (where there is a choice) and goes to its page. */
export function useGo(): (step: TourStep) => Promise<void> {
  const { who, personas, become } = useSession();
  const navigate = useNavigate();
  return useCallback(
    async (step) => {
      if (personas.length > 0 && who.role !== step.role) await become(step.role);
      await navigate(step.to);
    },
    [who.role, personas.length, become, navigate],
  );
}
