/**
 * The operator API of a running site, as the CLI calls it: the same contract as the console's, over a WebSocket.
 * Local sites are found by their data folder and entered by the token of their launch; others by --url and SPINE_TOKEN.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import type { ContractRouterClient } from '@orpc/contract';
import { WebSocket } from 'ws';
import * as z from 'zod';
import { dataFolderPath } from '../../embedded/data-folder.ts';
import { ConfigError, messageOf, UnavailableError } from '../../shared/errors.ts';
import { type operatorApi, STREAM_WINDOW } from '../../shared/operator-api/index.ts';

export type OperatorClient = ContractRouterClient<typeof operatorApi>;

const SiteFile = z.looseObject({ url: z.url(), pid: z.int(), tokenFile: z.string(), natsUrl: z.string(), natsSeedFile: z.string().nullable(), version: z.string() });
export type SiteFile = z.infer<typeof SiteFile>;

const CONNECT_MS = 5_000;

export interface SiteAddress {
  readonly url: string;
  readonly token: string;
  /** null for a site elsewhere. */
  readonly local: SiteFile | null;
}

/** What a running site has written of itself; null if none runs on this data folder (or it was killed). */
export function runningSite(env: NodeJS.ProcessEnv): SiteFile | null {
  const file = join(dataFolderPath(env), 'run', 'site.json');
  if (!existsSync(file)) return null;
  const site = SiteFile.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (!site.success || !isAlive(site.data.pid)) return null;
  return site.data;
}

/** @throws ConfigError if a site elsewhere is named without a token; UnavailableError if none runs here. */
export function siteAddress(url: string | undefined, env: NodeJS.ProcessEnv): SiteAddress {
  if (url !== undefined) {
    if (!URL.canParse(url) || !/^https?:/.test(url)) throw new ConfigError('--url', `"${url}" is no address`, 'an address such as https://spine.example.org:8443');
    const token = env.SPINE_TOKEN?.trim();
    if (!token) throw new ConfigError('SPINE_TOKEN', 'is not set', 'an access token of that site, made there with spine tokens create');
    return { url, token, local: null };
  }
  const local = runningSite(env);
  if (!local) throw new UnavailableError('site', `none runs on ${dataFolderPath(env)}`, 'Start one with spine start, set SPINE_DATA_DIR to its data folder, or name one elsewhere with --url.');
  return { url: local.url, token: readFileSync(local.tokenFile, 'utf8'), local };
}

/** Call the site, and hang up when `work` is done. @throws UnavailableError if it can't be reached or refuses the token. */
export async function withSite<Result>(address: SiteAddress, work: (client: OperatorClient) => Promise<Result>): Promise<Result> {
  const socket = new WebSocket(new URL('/rpc', address.url.replace(/^http/, 'ws')), { headers: { authorization: `Bearer ${address.token}` }, handshakeTimeout: CONNECT_MS });
  let refusal: string | null = null;
  const closed = new Promise<never>((_, reject) => {
    socket.on('close', (code, reason) => {
      refusal ??= code === 4401 ? `it refuses the token (${reason.toString() || 'unknown'})` : 'the connection was lost';
      reject(new UnavailableError('site', refusal, code === 4401 ? 'Ask an admin for a new one, or look at spine tokens ls there.' : 'Is it still running?'));
    });
  });
  closed.catch(() => {});
  await new Promise<void>((resolve, reject) => {
    socket.once('open', () => resolve());
    socket.once('error', (cause) => reject(new UnavailableError('site', `${address.url} can't be reached (${messageOf(cause)})`, 'Is it running? For a certificate of your own, set NODE_EXTRA_CA_CERTS to its authority.', { cause })));
  });
  try {
    const client: OperatorClient = createORPCClient(new RPCLink({ websocket: socket as unknown as globalThis.WebSocket }));
    return await Promise.race([work(client), closed]);
  } finally {
    socket.terminate();
  }
}

/** Read a stream of the API to its end, granting as it is consumed. */
export async function* readStream<Item>(client: OperatorClient, open: (opening: { stream: string; window: number }) => Promise<AsyncIterable<Item>>): AsyncGenerator<Item, void> {
  const stream = crypto.randomUUID();
  let used = 0;
  for await (const item of await open({ stream, window: STREAM_WINDOW })) {
    yield item;
    used += 1;
    if (used < STREAM_WINDOW / 2) continue;
    await client.streams.grant({ stream, credit: used });
    used = 0;
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
