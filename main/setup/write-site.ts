/** Write what the wizard decided into the site's configuration file. What stands there beside it, comments too, is kept. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { SECRET_VARIABLES, type SetupPlan } from '../../shared/desktop-api.ts';
import { editConfig } from '../config/edit-config.ts';
import { loadConfig } from '../config/load-config.ts';

/** What the file needs to know of a plan; secrets stay outside. */
export type SitePlan = Pick<SetupPlan, 'dataFolder' | 'workers'> & {
  readonly nats: { readonly url: string; readonly hasSecret: boolean } | null;
  readonly database: { readonly url: string; readonly hasSecret: boolean } | null;
};

/** @throws ConfigError if the file that is there can't be read, or would not be valid with the plan in it; it is unchanged then. */
export function writeSite({ dataFolder, workers, nats, database }: SitePlan): void {
  const file = join(dataFolder, 'spine.yaml');
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
  editConfig({
    file,
    heading: '# Written by the setup of Spine Console. Every setting is in README.md, examples/site/spine.yaml has them all.\n',
    change: (set) => {
      set(['nats', 'url'], nats?.url);
      set(['nats', 'credentials'], nats?.hasSecret ? { env: SECRET_VARIABLES.nats } : undefined);
      set(['database', 'url'], database?.url);
      set(['database', 'password'], database?.hasSecret ? { env: SECRET_VARIABLES.database } : undefined);
      set(['workers', 'enabled'], workers ? undefined : false);
    },
    check: () => void loadConfig({}, dataFolder),
  });
}

/** What the file says now of the things that a plan is made of. */
export function readSite(dataFolder: string): SitePlan {
  const { config } = loadConfig({}, dataFolder);
  const { nats, database } = config;
  return {
    dataFolder,
    workers: config.workers.enabled,
    nats: nats.url === undefined ? null : { url: nats.url, hasSecret: nats.credentials !== undefined },
    database: database.url === undefined ? null : { url: database.url, hasSecret: database.password !== undefined },
  };
}
