import { Menu } from '@mantine/core';
import { IconCheck, IconChevronDown, IconLogout } from '@tabler/icons-react';
import { look, ROLE } from '~/domain/states';
import { useSession } from './session';
import css from './shell.module.css';

function Avatar({ role }: { role: string }) {
  return (
    <span className={`${css.avatar} ${css[role] ?? ''}`} aria-hidden>
      {look(ROLE, role).label.charAt(0)}
    </span>
  );
}

/** As whom one looks, and the way to another persona or out. */
export function Who() {
  const { who, personas, become, signOut } = useSession();
  const role = look(ROLE, who.role);
  return (
    <Menu position="bottom-end" width={280} offset={6}>
      <Menu.Target>
        <button type="button" className={css.who}>
          <Avatar role={who.role} />
          <span className="vh">You act as</span>
          <span className={css.whoText}>
            <span className={css.whoName} style={{ display: 'block' }}>
              {role.label}
            </span>
            <span className={css.whoRole} style={{ display: 'block' }}>
              {who.participant === who.role ? 'of the exchange' : who.participant || 'signed in'}
            </span>
          </span>
          <IconChevronDown size={14} aria-hidden />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {personas.length > 0 && <Menu.Label>Demonstration: act as</Menu.Label>}
        {personas.map((persona) => (
          <Menu.Item
            key={persona.role}
            leftSection={<Avatar role={persona.role} />}
            rightSection={persona.role === who.role ? <IconCheck size={16} aria-label="current" /> : undefined}
            onClick={() => become(persona.role)}
          >
            <span style={{ display: 'block', fontWeight: 560 }}>
              {look(ROLE, persona.role).label}{' '}
              <span style={{ color: 'var(--text-3)', fontWeight: 400 }}>{persona.participant}</span>
            </span>
            <span style={{ display: 'block', color: 'var(--text-3)', fontSize: 12 }}>
              {look(ROLE, persona.role).means}
            </span>
          </Menu.Item>
        ))}
        {personas.length === 0 && (
          <Menu.Item leftSection={<IconLogout size={16} />} onClick={signOut}>
            Sign out
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
