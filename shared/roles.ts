/**
 * Who may do what. Each role may do all that the one before it may:
 *
 *   viewer     looks at everything (payload fields may be masked)
 *   operator   steers: publishes, redrives, discards, replays, pauses, edits schedules and rules
 *   admin      also what concerns the site itself: demo traffic, backups, how long streams keep
 */
import * as z from 'zod';
import type { operatorApi } from './operator-api/index.ts';

export const Role = z.enum(['viewer', 'operator', 'admin']);
export type Role = z.infer<typeof Role>;

const RANK: Record<Role, number> = { viewer: 0, operator: 1, admin: 2 };

export function mayActAs(held: Role, needed: Role): boolean {
  return RANK[held] >= RANK[needed];
}

type RolesOf<Contract> = { readonly [Room in keyof Contract]: { readonly [Procedure in keyof Contract[Room]]: Role } };

/** The least role for each procedure of the operator API. A procedure that is missing here does not compile. */
export const REQUIRED_ROLE: RolesOf<typeof operatorApi> = {
  site: { status: 'viewer', rates: 'viewer', watch: 'viewer' },
  guarantees: { check: 'viewer' },
  flow: { tail: 'viewer', list: 'viewer', event: 'viewer', sources: 'viewer', map: 'viewer' },
  tiers: { series: 'viewer', histogram: 'viewer', queues: 'viewer', setConcurrency: 'operator', pause: 'operator', resume: 'operator' },
  traces: { recent: 'viewer', search: 'viewer', get: 'viewer', watch: 'viewer', whyNot: 'viewer', owed: 'viewer', job: 'viewer' },
  jobs: { list: 'viewer', cancel: 'operator', retryNow: 'operator', moveToFront: 'operator' },
  deadLetters: {
    list: 'viewer', get: 'viewer', families: 'viewer', family: 'viewer', export: 'viewer',
    redrive: 'operator', discard: 'operator', mark: 'operator', discardMany: 'operator', undoDiscard: 'operator',
  },
  redrives: { preview: 'viewer', list: 'viewer', get: 'viewer', items: 'viewer', start: 'operator', cancel: 'operator' },
  setAside: { list: 'viewer', get: 'viewer', drift: 'viewer' },
  catalogue: { events: 'viewer', jobs: 'viewer', usage: 'viewer', sources: 'viewer', export: 'viewer' },
  events: { publish: 'operator', requestJob: 'operator' },
  demo: { start: 'admin', stop: 'admin' },
  connectors: { list: 'viewer', test: 'operator' },
  channels: { list: 'viewer', test: 'operator' },
  plugins: { list: 'viewer' },
  documents: { search: 'viewer' },
  entities: { versions: 'viewer', compare: 'viewer' },
  rules: { list: 'viewer', versions: 'viewer', create: 'operator', change: 'operator', remove: 'operator', switch: 'operator', dryRun: 'operator' },
  schedules: {
    list: 'viewer', history: 'viewer', preview: 'viewer',
    create: 'operator', change: 'operator', remove: 'operator', pause: 'operator', resume: 'operator', runNow: 'operator',
  },
  replays: { list: 'viewer', get: 'viewer', dryRun: 'operator', run: 'operator', cancel: 'operator' },
  backups: { list: 'viewer', make: 'admin' },
  settings: { get: 'viewer', change: 'admin' },
  alerts: { list: 'viewer', rules: 'viewer', acknowledge: 'operator', changeRule: 'admin', test: 'admin' },
  access: { whoAmI: 'viewer' },
  audit: { list: 'viewer' },
  streams: { grant: 'viewer' },
  busStreams: { list: 'viewer', consumers: 'viewer', previewRetention: 'viewer', changeRetention: 'admin' },
  streamMessages: { list: 'viewer', get: 'viewer' },
};

/** The role that a procedure needs; one that is not known needs the highest. */
export function requiredRole(path: readonly string[]): Role {
  const [room = '', procedure = ''] = path;
  return (REQUIRED_ROLE as Record<string, Record<string, Role> | undefined>)[room]?.[procedure] ?? 'admin';
}
