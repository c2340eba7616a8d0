/** The pages in the order of the navigation, with the key that follows `g`. */
import {
  IconActivity, IconArchive, IconBook2, IconCalendarClock, IconDatabase, IconFileSearch, IconHierarchy2, IconHistory, IconInbox, IconLayoutDashboard, IconListDetails, IconRotateClockwise,
  IconSkull, IconStack2, IconUserCheck,
} from '@tabler/icons-react';
import type { ConsolePath } from '../../shared/console-paths.ts';

export const PAGES = [
  { to: '/', name: 'Overview', key: 'o', icon: IconLayoutDashboard, about: 'Is the site healthy?' },
  { to: '/flow', name: 'Flow', key: 'f', icon: IconActivity, about: 'Events as they happen' },
  { to: '/traces', name: 'Traces', key: 't', icon: IconHierarchy2, about: 'Which event caused which job' },
  { to: '/tiers', name: 'Tiers', key: 'q', icon: IconStack2, about: 'Latency promises and queues' },
  { to: '/jobs', name: 'Jobs', key: 'j', icon: IconListDetails, about: 'Every job, its attempts and its input' },
  { to: '/dead-letters', name: 'Dead letters', key: 'd', icon: IconSkull, about: 'Jobs that wait for a decision' },
  { to: '/redrives', name: 'Redrives', key: 'r', icon: IconRotateClockwise, about: 'Dead letters that run again, with progress' },
  { to: '/set-aside', name: 'Set aside', key: 's', icon: IconInbox, about: 'Messages that are no valid event' },
  { to: '/schedules', name: 'Schedules', key: 'h', icon: IconCalendarClock, about: 'What runs when, and what became of it' },
  { to: '/replay', name: 'Replay', key: 'y', icon: IconHistory, about: 'Route past events again' },
  { to: '/streams', name: 'Streams', key: 'm', icon: IconDatabase, about: 'How full, how long, who reads, and every message' },
  { to: '/catalogue', name: 'Catalogue', key: 'c', icon: IconBook2, about: 'Event types, job types, connectors' },
  { to: '/documents', name: 'Documents', key: 'e', icon: IconFileSearch, about: 'Full-text search over entities' },
  { to: '/audit', name: 'Audit', key: 'a', icon: IconUserCheck, about: 'Who did what, when, and why' },
  { to: '/backups', name: 'Backups', key: 'b', icon: IconArchive, about: 'What a restore would bring back' },
] as const satisfies readonly { to: ConsolePath; [fact: string]: unknown }[];
