/** Makes a sparse series whole: a stretch in which nothing happened must take its place on the time axis. */

/** One entry for every bucket of the range that ends at `now`; `blank` makes the missing ones. Buckets keep their phase. */
export function fillBuckets<Bucket extends { at: number }>(
  buckets: readonly Bucket[], bucketMs: number, rangeMs: number, now: number, blank: (at: number) => Bucket,
): Bucket[] {
  const known = new Map(buckets.map((bucket) => [bucket.at, bucket]));
  const phase = (buckets[0]?.at ?? 0) % bucketMs;
  const last = Math.max(Math.floor((now - phase) / bucketMs) * bucketMs + phase, buckets.at(-1)?.at ?? 0);
  const count = Math.ceil(rangeMs / bucketMs);
  return Array.from({ length: count }, (_, index) => {
    const at = last - (count - 1 - index) * bucketMs;
    return known.get(at) ?? blank(at);
  });
}
