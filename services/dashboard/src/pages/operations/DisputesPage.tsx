import { IconScale } from '@tabler/icons-react';
import { useDisputes } from '~/api/queries';
import { PageHead, Panel } from '~/ui/layout';
import { Answer, Empty } from '~/ui/states';
import { DisputeList } from './DisputeList';

export default function DisputesPage() {
  const disputes = useDisputes();
  return (
    <>
      <PageHead
        title="Disputes"
        hint="A party objects to a contract; what is still held stays where it is until an operator has decided."
      />
      <Panel flush>
        <Answer query={disputes}>
          {({ disputes: rows }) =>
            rows.length === 0 ? (
              <Empty icon={<IconScale size={20} />} title="Nobody objects to anything">
                A provider or a model owner opens a dispute on the page of a contract.
              </Empty>
            ) : (
              <DisputeList disputes={rows} linked />
            )
          }
        </Answer>
      </Panel>
    </>
  );
}
