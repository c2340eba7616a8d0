/** Who asks, and what they may. */
import { oc } from '@orpc/contract';
import * as z from 'zod';
import { Role } from '../roles.ts';

export const WhoAmI = z.object({
  /** As the audit names them. */
  operator: z.string(),
  role: Role,
  /** They came in by an access token: they can sign out, and be signed out. */
  byToken: z.boolean(),
  /** Payload fields that they do not see; empty if they see all. */
  maskedFields: z.array(z.string()),
});
export type WhoAmI = z.infer<typeof WhoAmI>;

export const accessContract = {
  whoAmI: oc.route({ method: 'GET', path: '/access/me', summary: 'Who this token or session belongs to' }).output(WhoAmI),
};
