/** The frame of every page: navigation, who is looking, whether the page is live, and the guide. */
import { ActionIcon, AppShell, Burger, Tooltip, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import {
  IconActivity,
  IconCoins,
  IconDatabase,
  IconFileCertificate,
  IconHeartbeat,
  IconHome,
  IconKey,
  IconListSearch,
  IconMailOff,
  IconMailPlus,
  IconMoon,
  IconScale,
  IconSun,
  IconTargetArrow,
} from '@tabler/icons-react';
import { type ComponentType, type ReactNode, useEffect } from 'react';
import { Link, NavLink, useLocation } from 'react-router';
import { useFeedStatus, useLiveUpdates } from '~/api/live';
import { useDeadLetters, useDisputes } from '~/api/queries';
import { isFreezing } from '~/domain/guardrails';
import { Guide } from './Guide';
import css from './shell.module.css';
import { Who } from './Who';

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
    {
      title: 'Access',
      entries: [
        { to: '/keys', label: 'Keys', icon: IconKey },
        { to: '/invitations', label: 'Invitations', icon: IconMailPlus },
        { to: '/audit', label: 'Audit', icon: IconListSearch },
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
