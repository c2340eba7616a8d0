/** The site's settings: what rules now, what stands in the file, and changing the file. */
import { oc } from '@orpc/contract';
import * as z from 'zod';
import { SettingValue } from '../site-settings.ts';

export const SettingState = z.object({
  path: z.string(),
  /** What rules since the services started. Secrets in addresses are left out. */
  running: SettingValue,
  /** What would rule if they started now. */
  next: SettingValue,
  /** Where `next` comes from. */
  from: z.enum(['default', 'file', 'environment']),
});
export type SettingState = z.infer<typeof SettingState>;

export const SiteSettings = z.object({
  /** The file that is read and written. */
  file: z.string(),
  /** Why it can't be written; null if it can. */
  readOnly: z.string().nullable(),
  settings: z.array(SettingState),
  /** Variables of the environment that steer the export of spans: which are set, never to what. */
  telemetry: z.array(z.object({ variable: z.string(), set: z.boolean() })),
});
export type SiteSettings = z.infer<typeof SiteSettings>;

export const settingsContract = {
  get: oc.route({ method: 'GET', path: '/settings', summary: 'The settings of the site' }).output(SiteSettings),
  change: oc
    .route({ method: 'POST', path: '/settings', summary: 'Change settings in the configuration file; they rule from the next start' })
    .input(z.object({ changes: z.array(z.object({ path: z.string(), value: SettingValue })).min(1).max(50), reason: z.string().max(500).optional() }))
    .output(SiteSettings),
};
