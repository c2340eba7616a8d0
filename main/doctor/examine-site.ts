/** Look a site over: what is wrong with it or soon will be, each with its cure. Changes nothing, whether it runs or not. */
import { loadConfig, type LoadedConfig } from '../config/load-config.ts';
import { checkFiles } from './check-files.ts';
import { checkHost } from './check-host.ts';
import { checkServers } from './check-servers.ts';
import type { Finding } from './finding.ts';
import { INSTRUMENTS, type Instruments } from './patient.ts';

export interface Examination {
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
  readonly running: boolean;
  readonly instruments?: Instruments;
}

/** @returns findings in the order of: machine, files, servers. */
export async function examineSite({ root, env, running, instruments = INSTRUMENTS }: Examination): Promise<Finding[]> {
  let loaded: LoadedConfig | null = null;
  try {
    loaded = loadConfig(env, root);
  } catch {
    // The check of the configuration says why.
  }
  const patient = { root, env, running, loaded, instruments };
  const host = await checkHost(patient);
  // Without the folder there is nothing in it to look at.
  if (host.some(({ id, verdict }) => id === 'data-folder' && verdict === 'fault')) return host;
  return [...host, ...(await checkFiles(patient)), ...(await checkServers(patient))];
}
