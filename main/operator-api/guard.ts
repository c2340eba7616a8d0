/** Every call passes here: does the caller's role allow it, and what must a viewer not see. */
import { MASK, maskFields } from '../access/mask-fields.ts';
import { ForbiddenError } from '../../shared/errors.ts';
import { words } from '../../shared/i18n/translate.ts';
import { mayActAs, requiredRole, type Role } from '../../shared/roles.ts';
import { parseTraceQuery } from '../../shared/trace-query.ts';

/** Rooms of the API whose answers hold payloads. */
const WITH_PAYLOADS: ReadonlySet<string> = new Set(['flow', 'traces', 'jobs', 'deadLetters', 'redrives', 'setAside', 'documents', 'schedules', 'replays', 'audit', 'streamMessages', 'entities']);

export interface Call {
  readonly path: readonly string[];
  readonly input: unknown;
  readonly role: Role;
  /** Fields that viewers do not see; none: nothing is masked. */
  readonly maskedFields: readonly string[];
}

/**
 * Check a call, make it, and mask its answer where that is due.
 * @throws ForbiddenError that names the role it needs.
 */
export async function guarded<Result extends { readonly output: unknown }>({ path, input, role, maskedFields }: Call, next: () => Result | PromiseLike<Result>): Promise<Result> {
  const needed = requiredRole(path);
  if (!mayActAs(role, needed)) throw new ForbiddenError(needed, role);
  const masks = role === 'viewer' && maskedFields.length > 0 && WITH_PAYLOADS.has(path[0] ?? '');
  if (!masks) return next();
  if (searchesPayloads(path, input)) throw new ForbiddenError('operator', role, words('Some payload fields are masked ({mask}) for viewers, so viewers can\'t search in payloads.', { mask: MASK }));
  const result = await next();
  return { ...result, output: isStream(result.output) ? maskStream(result.output, maskedFields) : maskFields(result.output, maskedFields) };
}

/** A search tells by its hits what the mask hides. */
function searchesPayloads([room, procedure]: readonly string[], input: unknown): boolean {
  if (room === 'documents') return true;
  if (room === 'traces' && procedure === 'search') {
    const { query } = parseTraceQuery(String((input as { query?: unknown } | undefined)?.query ?? ''), 0);
    return query !== null && (query.text !== undefined || query.fields !== undefined || query.error !== undefined);
  }
  const asks = (value: unknown): boolean =>
    typeof value === 'object' && value !== null && Object.entries(value).some(([key, inner]) => (['text', 'fields', 'payload', 'data'].includes(key) && inner !== undefined && inner !== '') || (key === 'filter' && asks(inner)) || (key === 'scope' && asks(inner)));
  return asks(input);
}

function isStream(output: unknown): output is AsyncIterable<unknown> {
  return typeof output === 'object' && output !== null && Symbol.asyncIterator in output;
}

async function* maskStream(source: AsyncIterable<unknown>, maskedFields: readonly string[]): AsyncGenerator<unknown, void> {
  for await (const item of source) yield maskFields(item, maskedFields);
}
