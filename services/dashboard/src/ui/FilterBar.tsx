import { TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import css from './ui.module.css';

/** A search field and what else narrows the list below it. */
export function FilterBar({
  label,
  placeholder,
  text,
  change,
  children,
}: {
  label: string;
  placeholder: string;
  text: string;
  change: (text: string) => void;
  children: ReactNode;
}) {
  return (
    <search className={css.filters}>
      <TextInput
        aria-label={label}
        placeholder={placeholder}
        leftSection={<IconSearch size={15} />}
        value={text}
        onChange={(event) => change(event.currentTarget.value)}
        style={{ flex: '1 1 220px' }}
      />
      {children}
    </search>
  );
}
