import { Button, FileButton, Group } from '@mantine/core';
import { IconDownload, IconShieldCheck } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api, unwrap } from '~/api/client';
import { type EvidenceVerdict, type PublicKey, verifyEvidence } from '~/domain/evidence';
import { Panel } from '~/ui/layout';
import { ErrorNote, Note } from '~/ui/states';

/** The keys are this exchange's own word: for a stranger's file they were saved before, and `shared.verify` takes them. */
async function publicKeys(): Promise<PublicKey[]> {
  const said = await unwrap(api.GET('/.well-known/evidence-keys.json'));
  return (said as { keys: PublicKey[] }).keys;
}

function fetched(contractId: string): Promise<string> {
  const params = { path: { contract_id: contractId } };
  return unwrap(
    api.GET('/marketplace/contracts/{contract_id}/evidence', { params, parseAs: 'text' }),
  ) as Promise<string>;
}

function save(text: string, contractId: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = `evidence-${contractId}.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

export function Evidence({ contractId }: { contractId: string }) {
  const [verdict, setVerdict] = useState<EvidenceVerdict | null>(null);
  const check = useMutation({
    mutationFn: async (file: File | null) => {
      const text = file === null ? await fetched(contractId) : await file.text();
      setVerdict(await verifyEvidence(text, await publicKeys()));
      if (file === null) save(text, contractId);
    },
    onMutate: () => setVerdict(null),
  });
  return (
    <Panel title="Evidence" hint="From the offers to the ledger, in one signed file that anybody can check offline.">
      <Group gap="xs" mb={verdict !== null || check.isError ? 'sm' : 0}>
        <Button
          size="xs"
          variant="light"
          leftSection={<IconDownload size={15} />}
          loading={check.isPending}
          onClick={() => check.mutate(null)}
        >
          Download and check
        </Button>
        <FileButton accept="application/json" onChange={(file) => file !== null && check.mutate(file)}>
          {(props) => (
            <Button {...props} size="xs" variant="subtle" leftSection={<IconShieldCheck size={15} />}>
              Check a file
            </Button>
          )}
        </FileButton>
      </Group>
      {check.isError && <ErrorNote error={check.error} />}
      {verdict !== null && <Said verdict={verdict} />}
    </Panel>
  );
}

function Said({ verdict }: { verdict: EvidenceVerdict }) {
  switch (verdict.state) {
    case 'sound':
      return (
        <Note tone="good" title="As it was signed" role="status">
          All {verdict.parts} parts fit the exchange’s signature, checked in this browser.
        </Note>
      );
    case 'broken':
      return (
        <Note tone="bad" title="Changed after it was signed" role="alert">
          <code>{verdict.where}</code> {verdict.what}.
        </Note>
      );
    case 'unable':
      return (
        <Note tone="warn" title="Cannot be checked here" role="status">
          {verdict.reason}
        </Note>
      );
  }
}
