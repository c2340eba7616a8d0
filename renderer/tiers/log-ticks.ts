/** Round times, each some three to ten times the one before. */
const ROUND_MS = [0.1, 1, 10, 100, 1_000, 10_000, 60_000, 600_000, 3_600_000, 36_000_000, 86_400_000, 864_000_000];

/** Ticks of a logarithmic axis of times: round ones, thinned out when there are many. */
export function logTicks(low: number, high: number): number[] {
  const inside = ROUND_MS.filter((ms) => ms >= low * 0.999 && ms <= high);
  const step = Math.max(1, Math.ceil(inside.length / 6));
  return inside.filter((_, index) => index % step === 0);
}
