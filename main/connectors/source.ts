/** What every kind of connector yields when it is read. */

/** Where a connector goes on next time. Its shape is the kind's own; one that can't be read counts as empty. */
export type Position = Record<string, unknown>;

export type SourceItem =
  /** One raw record. `recordId` names it for good; `receivedFrom` is the file and line, or the URL, for a person. */
  | { readonly kind: 'record'; readonly recordId: string; readonly record: Record<string, unknown>; readonly receivedFrom: string }
  /** Something that can't be read; what follows it is read all the same. `at` is a file and line, or a URL. */
  | { readonly kind: 'problem'; readonly at: string; readonly problem: string }
  /** Once everything before it is dealt with, reading may go on from `position()`, asked for before the next item is taken. */
  | { readonly kind: 'covered'; readonly position: () => Position };

/**
 * Reads a source from a position to its end.
 * @throws JobError classes: RetryableError when the source is away, NotRetryableError (naming the setting) when it refuses.
 */
export type Source = (position: Position, signal: AbortSignal) => AsyncGenerator<SourceItem, void, void>;

/** Most problems of one file or answer that are kept word by word. */
export const MOST_PROBLEMS = 20;
