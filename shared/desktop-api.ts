/**
 * What the window may ask of the desktop app itself, beside the operator API: how the services are, and the first-run setup
 * before there are any. Served by the shell's main process on a MessagePort of its own, to the console's top frame only.
 */
import { eventIterator, oc } from '@orpc/contract';
import * as z from 'zod';
import { Phrase, Words } from './i18n/translate.ts';

/**
 *   setup ──finish──► starting ──► running ⇄ restarting
 *     ▲                   │                      │
 *     └──change setup── failed ◄── given up ─────┘          draining: quit was asked for, jobs still run
 */
export const ShellPhase = z.enum(['setup', 'starting', 'running', 'restarting', 'failed', 'draining']);
export type ShellPhase = z.infer<typeof ShellPhase>;

export const ShellState = z.object({
  phase: ShellPhase,
  sinceMs: z.number(),
  /** Where the site's data is; null before the setup is done. */
  dataFolder: z.string().nullable(),
  /** For a person: why the services died or can't be started; what is waited for. */
  message: z.string().nullable(),
  /** Ends of the services in a row, while restarting. */
  failures: z.int(),
  /** When they are started again, epoch ms; null if nothing is planned. */
  nextTryMs: z.number().nullable(),
  /** Was the site chosen by the wizard, so that its setup can be changed here? By environment it can't. */
  canChangeSetup: z.boolean(),
});
export type ShellState = z.infer<typeof ShellState>;

export const ShellNews = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('state'), state: ShellState }),
  /** Show this page: somebody clicked a notification, a menu or a link of the scheme `spine:`. */
  z.object({ kind: z.literal('go'), path: z.string() }),
]);
export type ShellNews = z.infer<typeof ShellNews>;

/** How a secret that is typed in would be kept. */
export const SecretKeeping = z.object({
  /** `obfuscated`: Linux without a keyring; anybody who can read the file can read the secret. */
  how: z.enum(['keyring', 'obfuscated', 'none']),
  /** One sentence for the person who types. */
  words: Words,
});
export type SecretKeeping = z.infer<typeof SecretKeeping>;

/** What a test found: one line that says it, and what to do if it is bad. */
export const SetupVerdict = z.object({ ok: z.boolean(), title: Phrase, detail: Words, remedies: z.array(Words) });
export type SetupVerdict = z.infer<typeof SetupVerdict>;

const address = z.string().trim().min(1).max(2_000);
const secret = z.string().max(20_000);
export const NatsChoice = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('embedded') }),
  /** `credentials`: an nkey seed or the text of a .creds file; empty for none. */
  z.object({ kind: z.literal('outside'), url: address, credentials: secret }),
]);
export type NatsChoice = z.infer<typeof NatsChoice>;
export const DatabaseChoice = z.discriminatedUnion('kind', [z.object({ kind: z.literal('embedded') }), z.object({ kind: z.literal('outside'), url: address, password: secret })]);
export type DatabaseChoice = z.infer<typeof DatabaseChoice>;

export const SetupPlan = z.object({
  dataFolder: z.string().trim().min(1).max(1_000),
  nats: NatsChoice,
  database: DatabaseChoice,
  /** false: an observer, which watches and steers but runs no job. */
  workers: z.boolean(),
  /** Start demo traffic once the site runs. */
  demo: z.boolean(),
});
export type SetupPlan = z.infer<typeof SetupPlan>;

/** The variables by which the desktop app hands the vault's secrets to the services. The site's file only names them. */
export const SECRET_VARIABLES = { nats: 'SPINE_SECRET_NATS_CREDENTIALS', database: 'SPINE_SECRET_DATABASE_PASSWORD' } as const;

export const desktopApi = {
  shell: {
    /** The state at once, then whatever changes. News are few and small, so this stream has no credits. */
    watch: oc.output(eventIterator(ShellNews)),
    /** Start services that were given up. */
    retry: oc.output(z.void()),
    /** Go back to the wizard. Refused while services run. */
    changeSetup: oc.output(z.void()),
    /** Ask where, and write everything a helper needs into one zip. `file` is null if the person changed their mind. */
    copyDiagnostics: oc.output(z.object({ file: z.string().nullable() })),
    quit: oc.output(z.void()),
  },
  setup: {
    /** What the wizard begins with: the plan that holds now, or the defaults. Secrets never come back. */
    begin: oc.output(z.object({ plan: SetupPlan, keeping: SecretKeeping, isFirst: z.boolean() })),
    /** The system's dialog; null if it was closed. */
    chooseFolder: oc.input(z.object({ current: z.string() })).output(z.object({ folder: z.string().nullable() })),
    checkFolder: oc.input(z.object({ folder: z.string().max(1_000) })).output(SetupVerdict),
    testNats: oc.input(z.object({ url: z.string().max(2_000), credentials: secret })).output(SetupVerdict),
    testDatabase: oc.input(z.object({ url: z.string().max(2_000), password: secret })).output(SetupVerdict),
    /** Write the configuration, keep the secrets, start the services. `problem` says why not; nothing was changed then. */
    finish: oc.input(SetupPlan).output(z.object({ problem: Words.nullable() })),
  },
};
