/** spine tokens: who may use the headless host. Works on the data folder, whether the site runs or not. */
import { join } from 'node:path';
import { mkdirSync } from 'node:fs';
import { dataFolderPath } from '../../../embedded/data-folder.ts';
import { ConfigError } from '../../../shared/errors.ts';
import { Role } from '../../../shared/roles.ts';
import { TokenStore } from '../../access/token-store.ts';
import { Duration } from '../../config/site-config.ts';
import { command, type GlobalOptions } from '../command-line.ts';
import { answer, clock, say, sayTable } from '../output.ts';

function store({ url }: Pick<GlobalOptions, 'url'>): TokenStore {
  if (url !== undefined) throw new ConfigError('--url', 'tokens are kept in the data folder of the site', 'the command on the machine of the site');
  const secrets = join(dataFolderPath(process.env), 'secrets');
  mkdirSync(secrets, { recursive: true, mode: 0o700 });
  return new TokenStore(secrets);
}

const create = command({
  command: 'create <name>',
  describe: 'Make a token; it is shown this once',
  builder: (argv) => argv
    .positional('name', { type: 'string', demandOption: true, describe: 'Who it is for; the operator of the audit' })
    .option('role', { choices: Role.options, default: 'viewer' as Role, describe: 'viewer looks, operator steers, admin also the site itself' })
    .option('expires', { type: 'string', describe: 'Length of its life, such as 90d' })
    .example('$0 tokens create grafana --role viewer --expires 365d', ''),
  handler(given) {
    const life = given.expires === undefined ? null : Duration.safeParse(given.expires);
    if (life && !life.success) throw new ConfigError('--expires', `"${given.expires}" is not understood`, 'a length such as 90d, 12h');
    const { token, entry } = store(given).create({ name: given.name, role: given.role, expiresMs: life ? Date.now() + life.data : null });
    answer(given.json, { token, ...entry }, () => {
      say(token);
      process.stderr.write(`Keep it: it is not shown again. ${entry.name} is ${entry.role}${entry.expiresMs === null ? '' : ` until ${clock(entry.expiresMs)}`}.\n`);
    });
  },
});

const list = command({
  command: 'ls',
  describe: 'List tokens',
  handler(given) {
    const tokens = store(given).list();
    answer(given.json, tokens, () => sayTable(tokens, [
      { head: 'id', cell: ({ id }) => id },
      { head: 'name', cell: ({ name }) => name },
      { head: 'role', cell: ({ role }) => role },
      { head: 'made', cell: ({ createdMs }) => clock(createdMs) },
      { head: 'until', cell: ({ expiresMs }) => (expiresMs === null ? 'revoked' : clock(expiresMs)) },
    ], 'No tokens. Make one with spine tokens create.'));
  },
});

const revoke = command({
  command: 'revoke <token>',
  describe: 'Revoke a token by id or name; whoever uses it is out at once',
  builder: (argv) => argv.positional('token', { type: 'string', demandOption: true, describe: 'Id or name' }),
  handler(given) {
    const revoked = store(given).revoke(given.token);
    answer(given.json, revoked, () => say(`Revoked ${revoked.name} (${revoked.role}).`));
  },
});

export const tokensCommand = command({
  command: 'tokens',
  describe: 'Access tokens of people and scripts',
  builder: (argv) => argv.command(create).command(list).command(revoke).demandCommand(1, 'Say which: create, ls or revoke.'),
  handler: () => {},
});
