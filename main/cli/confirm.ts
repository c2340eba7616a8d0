/** Dangerous commands say what they will do, and to how many, and ask before they do it. */
import { confirm } from '@inquirer/prompts';
import { ConfigError } from '../../shared/errors.ts';
import { say } from './output.ts';

/** @returns true if it may go on. @throws ConfigError where nobody can be asked and --yes was not given. */
export async function confirmed(what: string, yes: boolean): Promise<boolean> {
  if (yes) return true;
  if (!process.stdin.isTTY) throw new ConfigError('--yes', `nobody can be asked here, and this would ${what}`, '--yes if that is meant, or --dry-run to look only');
  const sure = await confirm({ message: `This will ${what}. Go on?`, default: false });
  if (!sure) say('Nothing was done.');
  return sure;
}
