/** The pages in the order of the navigation, with the key that follows `g`. */
import {
  IconActivity, IconArchive, IconBell, IconBook2, IconCalendarClock, IconDatabase, IconFileSearch, IconGavel, IconHierarchy2, IconHistory, IconInbox, IconLayoutDashboard, IconListDetails, IconPlugConnected, IconRotateClockwise, IconSettings,
  IconSkull, IconStack2, IconUserCheck,
} from '@tabler/icons-react';
import type { ConsolePath } from '../../shared/console-paths.ts';
import { message } from '../../shared/i18n/translate.ts';

export const PAGES = [
  { to: '/', name: message('Overview'), key: 'o', icon: IconLayoutDashboard, about: message('Is the site healthy?') },
  { to: '/flow', name: message('Flow'), key: 'f', icon: IconActivity, about: message('Events as they happen') },
  { to: '/traces', name: message('Traces'), key: 't', icon: IconHierarchy2, about: message('Which event caused which job') },
  { to: '/tiers', name: message('Tiers'), key: 'q', icon: IconStack2, about: message('Latency promises and queues') },
  { to: '/jobs', name: message('Jobs'), key: 'j', icon: IconListDetails, about: message('Every job, its attempts and its input') },
  { to: '/dead-letters', name: message('Dead letters'), key: 'd', icon: IconSkull, about: message('Jobs that wait for a decision') },
  { to: '/redrives', name: message('Redrives'), key: 'r', icon: IconRotateClockwise, about: message('Dead letters that run again, with progress') },
  { to: '/set-aside', name: message('Set aside'), key: 's', icon: IconInbox, about: message('Messages that are no valid event') },
  { to: '/schedules', name: message('Schedules'), key: 'h', icon: IconCalendarClock, about: message('What runs when, and what became of it') },
  { to: '/replay', name: message('Replay'), key: 'y', icon: IconHistory, about: message('Route past events again') },
  { to: '/rules', name: message('Rules'), key: 'u', icon: IconGavel, about: message('What rules did, and what a change would have done') },
  { to: '/connections', name: message('Connections'), key: 'n', icon: IconPlugConnected, about: message('Connectors, channels and plugins, with tests') },
  { to: '/streams', name: message('Streams'), key: 'm', icon: IconDatabase, about: message('How full, how long, who reads, and every message') },
  { to: '/catalogue', name: message('Catalogue'), key: 'c', icon: IconBook2, about: message('Event types and job types, with what does not fit') },
  { to: '/documents', name: message('Documents'), key: 'e', icon: IconFileSearch, about: message('Full-text search over entities') },
  { to: '/alerts', name: message('Alerts'), key: 'l', icon: IconBell, about: message('What is wrong, what was, and what you want to be told') },
  { to: '/audit', name: message('Audit'), key: 'a', icon: IconUserCheck, about: message('Who did what, when, and why') },
  { to: '/backups', name: message('Backups'), key: 'b', icon: IconArchive, about: message('What a restore would bring back') },
  { to: '/settings', name: message('Settings'), key: ',', icon: IconSettings, about: message('What rules, where it stands, and changing it') },
] as const satisfies readonly { to: ConsolePath; [fact: string]: unknown }[];
