/** The wizard's course: which steps there are, and what each decides. Pure. */
import type { SetupPlan } from '../../shared/desktop-api.ts';
import { message, t } from '../../shared/i18n/translate.ts';

export type StepId = 'mode' | 'servers' | 'folder' | 'start';

export interface Step {
  readonly id: StepId;
  readonly name: string;
}

const STEPS: readonly Step[] = [
  { id: 'mode', name: message('Servers') },
  { id: 'servers', name: message('Addresses') },
  { id: 'folder', name: message('Data folder') },
  { id: 'start', name: message('First start') },
];

/** Self-contained unless one of the two is outside. */
export function isConnected({ nats, database }: SetupPlan): boolean {
  return nats.kind === 'outside' || database.kind === 'outside';
}

/** Addresses are asked for only if something is outside. */
export function stepsOf(plan: SetupPlan): readonly Step[] {
  return STEPS.filter(({ id }) => id !== 'servers' || isConnected(plan));
}

/** Choose between bringing the servers along and connecting. What was typed is not lost by looking at the other. */
export function withMode(plan: SetupPlan, connected: boolean, typed: Pick<SetupPlan, 'nats' | 'database'>): SetupPlan {
  if (!connected) return { ...plan, nats: { kind: 'embedded' }, database: { kind: 'embedded' } };
  return {
    ...plan,
    nats: typed.nats.kind === 'outside' ? typed.nats : { kind: 'outside', url: '', credentials: '' },
    database: typed.database.kind === 'outside' ? typed.database : { kind: 'outside', url: '', password: '' },
  };
}

/** One line a decision, for the last step. */
export function summaryOf(plan: SetupPlan): readonly { readonly what: string; readonly choice: string }[] {
  const host = (url: string): string => (URL.canParse(url) ? new URL(url).host : url);
  return [
    { what: message('Event bus'), choice: plan.nats.kind === 'embedded' ? t('NATS that this app brings along') : t('NATS at {host}', { host: host(plan.nats.url) }) },
    { what: message('Database'), choice: plan.database.kind === 'embedded' ? t('PostgreSQL that this app brings along') : t('PostgreSQL at {host}', { host: host(plan.database.url) }) },
    { what: message('Data folder'), choice: plan.dataFolder },
  ];
}
