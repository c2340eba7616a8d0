/** Secrets and headers of the configuration, read when they are used, so that a rotated file counts at once. */
import { ConfigError, NotRetryableError } from '../../../shared/errors.ts';
import type { LoadedConfig } from '../../config/load-config.ts';
import type { SecretRef } from '../../config/site-config.ts';

type ReadSecret = LoadedConfig['secret'];

/** @throws NotRetryableError naming the setting if the variable or file is not there: running the job again can't help. */
export function secretOf(read: ReadSecret, ref: SecretRef, setting: string): string {
  try {
    return read(ref, setting);
  } catch (cause) {
    if (cause instanceof ConfigError) throw new NotRetryableError(`${cause.message} Put it right, then redrive this job.`, { cause, code: 'setting_missing' });
    throw cause;
  }
}

/** Configured headers with their secrets read; `secrets` are the values to keep out of errors. */
export function headersOf(read: ReadSecret, headers: Record<string, string | SecretRef>, setting: string): { headers: Record<string, string>; secrets: string[] } {
  const secrets: string[] = [];
  const entries = Object.entries(headers).map(([name, value]) => {
    if (typeof value === 'string') return [name.toLowerCase(), value];
    const secret = secretOf(read, value, `${setting}.${name}`);
    secrets.push(secret);
    return [name.toLowerCase(), secret];
  });
  return { headers: Object.fromEntries(entries) as Record<string, string>, secrets };
}
