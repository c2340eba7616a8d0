/** Items in flight before the page must grant more. Equal to the contract's default, repeated here to keep zod schemas out of the bundle. */
export const STREAM_WINDOW = 64;
