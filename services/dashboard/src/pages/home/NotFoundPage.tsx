import { Button } from '@mantine/core';
import { IconError404 } from '@tabler/icons-react';
import { Link } from 'react-router';
import { PageHead } from '~/ui/layout';
import { Empty } from '~/ui/states';

export default function NotFoundPage() {
  return (
    <>
      <PageHead title="No such page" />
      <Empty
        icon={<IconError404 size={22} />}
        title="Nothing lives at this address"
        action={
          <Button component={Link} to="/">
            To the home page
          </Button>
        }
      >
        The link may be old, or mistyped.
      </Empty>
    </>
  );
}
