/**
 * The places where a crash hurts most. The fault tests arm one of them through the environment,
 * `SPINE_FAULT_POINT=<name>[:<nth>]`, and the process kills itself (SIGKILL) when it gets there for the nth time.
 * Unarmed, a point costs one comparison.
 */
import { ConfigError } from '../shared/errors.ts';

/** On the way of an event to the end of its jobs. */
export const EVENT_FAULT_POINTS = [
  'before-publish', 'after-publish-ack',
  'before-inbox-commit', 'after-inbox-commit',
  'after-routing-ack',
  'before-claim', 'after-claim',
  'before-effect', 'after-effect',
  'before-finish-commit', 'after-finish-commit',
  'before-relay-publish', 'after-relay-publish',
  'before-mark-sent', 'after-mark-sent',
] as const;
/** On the way of a dead letter that runs again. */
export const REDRIVE_FAULT_POINTS = ['before-redrive-commit', 'after-redrive-commit'] as const;
export const FAULT_POINTS = [...EVENT_FAULT_POINTS, ...REDRIVE_FAULT_POINTS] as const;
export type FaultPoint = (typeof FAULT_POINTS)[number];

let armed: { point: FaultPoint; left: number } | null = null;

/** @throws ConfigError when the setting names no fault point. */
export function armFaultPoint(setting: string | undefined): void {
  armed = null;
  if (!setting) return;
  const [name, nth = '1'] = setting.split(':');
  const point = FAULT_POINTS.find((known) => known === name);
  if (!point || !/^[1-9]\d*$/.test(nth)) {
    throw new ConfigError('SPINE_FAULT_POINT', `"${setting}" names no fault point`, `<name>[:<nth>] with one of ${FAULT_POINTS.join(', ')}; it is for tests, leave it unset otherwise`);
  }
  armed = { point, left: Number(nth) };
}

/** Die here if a test has asked for it. */
export function faultPoint(point: FaultPoint): void {
  if (armed?.point !== point) return;
  armed.left -= 1;
  if (armed.left === 0) process.kill(process.pid, 'SIGKILL');
}
