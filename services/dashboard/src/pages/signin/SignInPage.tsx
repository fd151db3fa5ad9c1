import { Button, Center, Checkbox, PasswordInput, Stack, TextInput, Title } from '@mantine/core';
import { type FormEvent, useEffect, useState } from 'react';
import { Problem } from '~/api/problem';
import { ErrorNote } from '~/ui/states';

/** With which code of the catalogue the gateway sent the browser back from the identity provider. */
function refusedWith(search: string): Problem | null {
  const code = new URLSearchParams(search).get('sign_in_error');
  if (code === null || !/^[a-z_]{1,60}$/.test(code)) return null;
  return new Problem(code, code === 'service_unavailable' ? 503 : 403, '');
}

export default function SignInPage({
  signIn,
  oidc,
}: {
  oidc: boolean;
  signIn: (key: string, participant: string, keep: boolean) => Promise<void>;
}) {
  const [key, setKey] = useState('');
  const [participant, setParticipant] = useState('');
  const [keep, setKeep] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(() => refusedWith(window.location.search));
  useEffect(() => {
    if (refusedWith(window.location.search) !== null) window.history.replaceState(null, '', window.location.pathname);
  }, []);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await signIn(key.trim(), participant.trim(), keep);
    } catch (refusal) {
      setError(refusal);
      setBusy(false);
    }
  };
  return (
    <Center component="main" mih="100vh" p="md">
      <form onSubmit={submit} style={{ width: '100%', maxWidth: 380 }}>
        <Stack gap="md">
          <img src="/app/icon.svg" width={40} height={40} alt="" />
          <div>
            <Title order={1}>Sign in</Title>
            <p style={{ margin: '4px 0 0', color: 'var(--text-3)' }}>
              With the key of your role, as the operator gave it to you.
            </p>
          </div>
          <PasswordInput
            label="Key"
            required
            value={key}
            onChange={(event) => setKey(event.currentTarget.value)}
            autoComplete="current-password"
            visibilityToggleButtonProps={{ 'aria-label': 'Show the key' }}
          />
          <TextInput
            label="Acting for"
            description="The participant whose offers or intents you make, for example research-lab. Forms start with it."
            value={participant}
            onChange={(event) => setParticipant(event.currentTarget.value)}
            autoComplete="organization"
          />
          <Checkbox
            label="Keep me signed in on this machine"
            checked={keep}
            onChange={(event) => setKeep(event.currentTarget.checked)}
          />
          {error !== null && <ErrorNote error={error} />}
          <Button type="submit" loading={busy} disabled={key.trim() === ''}>
            Sign in
          </Button>
          {oidc && (
            <Button component="a" href="/session/oidc/start" variant="default">
              Sign in with your organisation
            </Button>
          )}
        </Stack>
      </form>
    </Center>
  );
}
