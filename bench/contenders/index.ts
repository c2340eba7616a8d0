import type { Contender, Offer } from './contender.ts';
import { redisMissing } from './redis.ts';
import { Rival, type RivalKind } from './rival.ts';
import { spine } from './spine.ts';

const rival = (kind: RivalKind): Offer => ({ name: kind, make: (handlerMs): Contender => new Rival(kind, handlerMs) });
const noRedis = redisMissing();

/** Everybody in the comparison, in the order of the table. */
export const CONTENDERS: readonly Offer[] = [spine, rival('pg-boss'), rival('graphile-worker'), noRedis === null ? rival('bullmq') : { name: 'bullmq', missing: noRedis }];
