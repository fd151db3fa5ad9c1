import { useCallback } from 'react';
import { useNavigate } from 'react-router';
import type { TourStep } from '~/domain/tour';
import { useSession } from './session';

/** Takes the step's persona (where there is a choice) and goes to its page. */
export function useGo(): (step: TourStep) => void {
  const { who, personas, become } = useSession();
  const navigate = useNavigate();
  return useCallback(
    (step) => {
      if (personas.length > 0 && who.role !== step.role) become(step.role);
      void navigate(step.to);
    },
    [who.role, personas.length, become, navigate],
  );
}
