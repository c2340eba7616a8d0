/**
 * Streams with credits. The stock transport has no backpressure, so the reader says how much it can take:
 * it opens a stream under an id of its own with a window, and grants more with an ordinary call as it consumes.
 */
import { oc } from '@orpc/contract';
import * as z from 'zod';

/** Items in flight before the reader must grant more. */
export const STREAM_WINDOW = 64;

export const streamOpening = z.object({
  /** Chosen by the reader; unique within its connection. */
  stream: z.uuid(),
  window: z.int().min(1).max(1024).default(STREAM_WINDOW),
});
export type StreamOpening = z.infer<typeof streamOpening>;

export const streamsContract = {
  grant: oc
    .input(z.object({ stream: z.uuid(), credit: z.int().min(1).max(1024) }))
    /** `open` is false when the stream has ended in the meantime. */
    .output(z.object({ open: z.boolean() })),
};
