/**
 * Loaded into a site under test before its own code (`node --import`), never by the product. The test asks it, over the
 * process's IPC channel, to arm a fault point while the site runs, or to let the clock jump.
 *
 * The jump shifts what this process reads as the time of day, as an NTP step or a hand on the clock does; timers stay on
 * the monotonic clock, as in life. Postgres and NATS keep their own clocks: that is the harder and the realistic case,
 * a step on the host of the services while the servers run elsewhere, so that the two no longer agree.
 */
import { getEnvironmentData, isMainThread, setEnvironmentData } from 'node:worker_threads';
import * as z from 'zod';
import { armFaultPoint } from '../../main/fault-points.ts';

/** What a test may ask. `clockMs`: from now on the time of day is this much later than it is (ms, negative: earlier). */
export const FaultRequest = z.union([z.strictObject({ arm: z.string() }), z.strictObject({ clockMs: z.number() })]);
export type FaultRequest = z.infer<typeof FaultRequest>;

const trueNow = Date.now.bind(Date);
/** One number that the process's threads share: by how much the time of day is off, ms. */
const CLOCK = 'clock under test';
if (isMainThread) setEnvironmentData(CLOCK, new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT));
const offsetMs = new Float64Array(z.instanceof(SharedArrayBuffer).parse(getEnvironmentData(CLOCK)));

/** `new Date()`, `Date()` and `Date.now()` shifted; dates made of something are what they were. */
function shiftClock(): void {
  Date.now = () => trueNow() + (offsetMs[0] ?? 0);
  globalThis.Date = new Proxy(Date, {
    construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [Date.now()] : args, newTarget) as object,
    apply: (target) => new target(Date.now()).toString(),
  });
}

shiftClock();
if (isMainThread) {
  process.on('message', (message) => {
    const request = FaultRequest.parse(message);
    if ('arm' in request) armFaultPoint(request.arm);
    else offsetMs[0] = request.clockMs;
    process.send?.('done');
  });
  // The channel must not keep a site running that has stopped.
  process.channel?.unref();
}
