/** The frame of every page: navigation, who is looking, whether the page is live, and the guide. */
import {
  ActionIcon,
  AppShell,
  Burger,
  Button,
  Menu,
  Tooltip,
  useComputedColorScheme,
  useMantineColorScheme,
} from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import {
  IconActivity,
  IconCheck,
  IconChevronDown,
  IconCoins,
  IconDatabase,
  IconFileCertificate,
  IconHeartbeat,
  IconHome,
  IconLogout,
  IconMailOff,
  IconMoon,
  IconScale,
  IconSun,
  IconTargetArrow,
  IconX,
} from '@tabler/icons-react';
import { type ComponentType, type ReactNode, useEffect } from 'react';
import { Link, NavLink, useLocation } from 'react-router';
import { useFeedStatus, useLiveUpdates } from '~/api/live';
import { useDeadLetters, useDisputes } from '~/api/queries';
import { isFreezing } from '~/domain/guardrails';
import { look, ROLE } from '~/domain/states';
import { useSession } from './session';
import css from './shell.module.css';
import { useTour } from './tour';
import { useGo } from './useGo';

interface Entry {
  to: string;
  label: string;
  icon: ComponentType<{ size?: number; stroke?: number }>;
  count?: number;
}

function useNavigation(): { title: string | null; entries: Entry[] }[] {
  const letters = useDeadLetters();
  const disputes = useDisputes();
  return [
    { title: null, entries: [{ to: '/', label: 'Home', icon: IconHome }] },
    {
      title: 'Market',
      entries: [
        { to: '/offers', label: 'Offers', icon: IconDatabase },
        { to: '/intents', label: 'Intents', icon: IconTargetArrow },
        { to: '/contracts', label: 'Contracts', icon: IconFileCertificate },
      ],
    },
    { title: 'Money', entries: [{ to: '/accounts', label: 'Accounts', icon: IconCoins }] },
    {
      title: 'Operations',
      entries: [
        { to: '/operations', label: 'Overview', icon: IconHeartbeat },
        { to: '/events', label: 'Event feed', icon: IconActivity },
        {
          to: '/disputes',
          label: 'Disputes',
          icon: IconScale,
          count: disputes.data?.disputes.filter(({ status }) => isFreezing(status)).length ?? 0,
        },
        { to: '/dead-letters', label: 'Dead letters', icon: IconMailOff, count: letters.data?.count ?? 0 },
      ],
    },
  ];
}

export function Shell({ children }: { children: ReactNode }) {
  const [opened, { toggle, close }] = useDisclosure();
  const { pathname } = useLocation();
  useLiveUpdates(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the menu closes when the page changes
  useEffect(close, [pathname]);
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 224, breakpoint: 'sm', collapsed: { mobile: !opened } }}
      padding={0}
    >
      <a className="skip" href="#main">
        Skip to the page
      </a>
      <AppShell.Header>
        <div className={css.header}>
          <div style={{ display: 'flex', alignItems: 'center', gap: 8 }}>
            <Burger opened={opened} onClick={toggle} hiddenFrom="sm" size="sm" aria-label="Menu" />
            <Link to="/" className={css.brand}>
              <img src="/app/icon.svg" width={24} height={24} alt="" />
              Open Ecosystem
            </Link>
          </div>
          <div className={css.right}>
            <FeedState />
            <SchemeToggle />
            <Who />
          </div>
        </div>
      </AppShell.Header>
      <AppShell.Navbar className={css.navbar} p={10} aria-label="Main">
        <Navigation />
      </AppShell.Navbar>
      <AppShell.Main id="main" tabIndex={-1} style={{ outline: 'none' }}>
        <div className={css.main}>
          <Guide />
          {children}
        </div>
      </AppShell.Main>
    </AppShell>
  );
}

function Navigation() {
  const groups = useNavigation();
  return (
    <>
      {groups.map(({ title, entries }) => (
        <div key={title ?? 'home'}>
          {title !== null && <div className={css.group}>{title}</div>}
          {entries.map(({ to, label, icon: Icon, count = 0 }) => (
            <NavLink key={to} to={to} end={to === '/'} className={css.link ?? ''}>
              <Icon size={17} stroke={1.7} />
              {label}
              {count > 0 && (
                <span className={css.count}>
                  {count}
                  <span className="vh"> to look at</span>
                </span>
              )}
            </NavLink>
          ))}
        </div>
      ))}
    </>
  );
}

function FeedState() {
  const status = useFeedStatus();
  const said = {
    live: ['Live', 'The event feed is connected: this page follows every fact as it happens.'],
    connecting: ['Connecting', 'The event feed is being connected.'],
    broken: ['Offline', 'The event feed is interrupted. What is shown may be out of date; it resumes by itself.'],
  }[status];
  return (
    <Tooltip label={said[1]} multiline maw={260}>
      <span
        role="status"
        className={`${css.feed} ${status === 'live' ? css.isLive : ''} ${status === 'broken' ? css.isBroken : ''}`}
        data-feed={status}
      >
        <span className={css.dot} aria-hidden />
        <span className={css.feedText}>{said[0]}</span>
        <span className="vh">{said[1]}</span>
      </span>
    </Tooltip>
  );
}

function SchemeToggle() {
  const { setColorScheme } = useMantineColorScheme();
  const dark = useComputedColorScheme('light') === 'dark';
  const label = dark ? 'Light theme' : 'Dark theme';
  return (
    <Tooltip label={label}>
      <ActionIcon
        variant="subtle"
        color="gray"
        size={34}
        aria-label={label}
        onClick={() => setColorScheme(dark ? 'light' : 'dark')}
      >
        {dark ? <IconSun size={18} /> : <IconMoon size={18} />}
      </ActionIcon>
    </Tooltip>
  );
}

function Avatar({ role }: { role: string }) {
  return (
    <span className={`${css.avatar} ${css[role] ?? ''}`} aria-hidden>
      {look(ROLE, role).label.charAt(0)}
    </span>
  );
}

function Who() {
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

/** The next step of the loop, on every page but the one that shows all of them. */
function Guide() {
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
