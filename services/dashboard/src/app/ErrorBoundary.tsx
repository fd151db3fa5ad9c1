import { Button } from '@mantine/core';
import { Component, type ReactNode } from 'react';
import { ErrorNote } from '~/ui/states';

/** A page that breaks leaves the frame around it working. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override render() {
    if (this.state.error === null) return this.props.children;
    return (
      <ErrorNote error={this.state.error}>
        <Button mt={8} size="xs" variant="default" onClick={() => window.location.reload()}>
          Reload
        </Button>
      </ErrorNote>
    );
  }
}
