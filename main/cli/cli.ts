#!/usr/bin/env node
/**
 * `spine`: run and operate a site from a terminal. One file a command in commands/. What only one command needs and takes long to
 * load (the services themselves) is loaded by it, so that the others answer at once.
 *
 * Exit codes: 0 done · 1 failed · 2 the command line is wrong · 3 no site can be reached · 4 refused (role, state, a fault found)
 *             78 the configuration is wrong
 */
import { ORPCError } from '@orpc/client';
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import packageJson from '../../package.json' with { type: 'json' };
import { ConfigError, ConflictError, ForbiddenError, NotFoundError, UnavailableError, wordsOf } from '../../shared/errors.ts';
import { backupCommand, restoreCommand } from './commands/backup.ts';
import { catalogueCommand } from './commands/catalogue.ts';
import { deadLettersCommand } from './commands/dead-letters.ts';
import { diagnosticsCommand } from './commands/diagnostics.ts';
import { doctorCommand } from './commands/doctor.ts';
import { jobsCommand } from './commands/jobs.ts';
import { publishCommand } from './commands/publish.ts';
import { replayCommand } from './commands/replay.ts';
import { schedulesCommand } from './commands/schedules.ts';
import { consoleCommand, serveCommand, startCommand, stopCommand } from './commands/serve.ts';
import { statusCommand } from './commands/status.ts';
import { tailCommand } from './commands/tail.ts';
import { tokensCommand } from './commands/tokens.ts';
import { traceCommand } from './commands/trace.ts';

export const EXIT = { failed: 1, usage: 2, unreachable: 3, refused: 4, config: 78 } as const;

function exitCodeOf(error: unknown): number {
  if (error instanceof ConfigError) return EXIT.config;
  if (error instanceof UnavailableError) return EXIT.unreachable;
  if (error instanceof ConflictError || error instanceof ForbiddenError || error instanceof NotFoundError) return EXIT.refused;
  if (error instanceof ORPCError) return error.status >= 400 && error.status < 500 ? EXIT.refused : error.status === 503 ? EXIT.unreachable : EXIT.failed;
  return EXIT.failed;
}

async function main(argv: readonly string[]): Promise<number> {
  let wrong = false;
  const parser = yargs(argv)
    .scriptName('spine')
    .usage('$0 <command>\n\nRun and operate a site of the event-driven spine.')
    .option('json', { type: 'boolean', default: false, global: true, describe: 'Answer in JSON, for scripts' })
    .option('url', { type: 'string', global: true, describe: 'A site elsewhere; its access token is read from SPINE_TOKEN' })
    .option('data-dir', { type: 'string', global: true, describe: 'Data folder of the site (SPINE_DATA_DIR)', coerce: (folder: string | undefined) => {
      if (folder !== undefined) process.env.SPINE_DATA_DIR = folder;
      return folder;
    } })
    .command(startCommand).command(stopCommand).command(serveCommand).command(consoleCommand).command(statusCommand)
    .command(publishCommand).command(tailCommand).command(traceCommand).command(jobsCommand).command(catalogueCommand)
    .command(deadLettersCommand).command(schedulesCommand).command(replayCommand)
    .command(backupCommand).command(restoreCommand).command(doctorCommand).command(diagnosticsCommand).command(tokensCommand)
    .completion('completion', 'Print a script that completes commands and options in bash or zsh')
    .demandCommand(1, 'Say which command. spine --help lists them.')
    .recommendCommands().strict().version(packageJson.version).help().alias('help', 'h')
    .wrap(Math.min(110, process.stdout.columns ?? 110))
    .epilogue('Exit codes: 0 done, 1 failed, 2 wrong command line, 3 no site can be reached, 4 refused or a fault found, 78 wrong configuration.')
    .exitProcess(false)
    .fail((message: string | null, error: Error | undefined) => {
      if (error && !message) throw error;
      process.stderr.write(`${message ?? ''}\n`);
      wrong = true;
    });
  try {
    await parser.parseAsync();
  } catch (error) {
    if (!wrong) {
      process.stderr.write(`${error instanceof ORPCError ? error.message : wordsOf(error)}\n`);
      return exitCodeOf(error);
    }
  }
  if (!wrong) return Number(process.exitCode ?? 0);
  process.stderr.write('spine --help lists the commands, spine <command> --help what one takes.\n');
  return EXIT.usage;
}

// A reader that has seen enough (`spine tail | head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});
process.exit(await main(hideBin(process.argv)));
