/**
 * Latencies in logarithmic buckets, so that windows and tiers can be added up and percentiles still be read.
 * Each bucket is 5 % wider than the one before: a percentile read from it is at most 5 % too high, never too low.
 */
const GROWTH = Math.log(1.05);
/** Latencies up to this are one bucket (0.1 ms). */
const SMALLEST_MS = 0.1;

/** The bucket that a latency (ms) falls into. Negative latencies (clock skew) count as zero. */
export function bucketOf(latencyMs: number): number {
  if (!(latencyMs > SMALLEST_MS)) return 0;
  return Math.ceil(Math.log(latencyMs / SMALLEST_MS) / GROWTH);
}

/** The upper bound of a bucket, in ms. */
export function bucketUpperMs(bucket: number): number {
  return SMALLEST_MS * Math.exp(bucket * GROWTH);
}

/** Counts by bucket. Sparse: most buckets of a tier are empty. */
export type LatencyCounts = ReadonlyMap<number, number>;

/** The latency (ms) under which `share` (0…1) of the samples lie; null without samples. */
export function percentile(counts: LatencyCounts, share: number): number | null {
  let total = 0;
  for (const n of counts.values()) total += n;
  if (total === 0) return null;
  const rank = Math.max(1, Math.ceil(share * total));
  let seen = 0;
  for (const bucket of [...counts.keys()].sort((a, b) => a - b)) {
    seen += counts.get(bucket) ?? 0;
    if (seen >= rank) return bucketUpperMs(bucket);
  }
  return null;
}
