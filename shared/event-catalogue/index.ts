/**
 * The event catalogue: every event type that the platform knows, with its payload by version.
 * A site's plugins add to it; types outside of it are accepted in a known domain and marked uncatalogued.
 */
import type * as z from 'zod';
import { createEvent, deriveEvent, type Envelope, type EventCause, type NewEvent } from '../envelope.ts';
import { communicationEvents } from './communication-events.ts';
import { connectorEvents } from './connector-events.ts';
import { dataEvents } from './data-events.ts';
import type { EventDefinition } from './define-event.ts';
import { jobEvents } from './job-events.ts';
import { aiEvents, ruleEvents } from './rule-and-ai-events.ts';
import { ruleSteeringEvents } from './rule-steering-events.ts';
import { steeringEvents } from './schedule-and-replay-events.ts';
import { systemEvents } from './system-events.ts';

export { defineEvent, type EventDefinition } from './define-event.ts';

/** The domains that every site has. Configuration may add more. */
export const DOMAINS = ['connector', 'communication', 'data', 'rule', 'job', 'ai', 'system'] as const;

const BUILT_IN = [...connectorEvents, ...communicationEvents, ...dataEvents, ...ruleEvents, ...aiEvents, ...jobEvents, ...systemEvents, ...steeringEvents, ...ruleSteeringEvents] as const;

type BuiltIn = (typeof BUILT_IN)[number];
export type CatalogueType = BuiltIn['type'];
/** The payload of a built-in event type: `DataOf<'communication.CallStarted'>`. */
export type DataOf<Type extends CatalogueType> = z.infer<Extract<BuiltIn, { type: Type }>['schema']>;

/** `createEvent` for built-in types: a payload that does not fit its type does not compile. */
export function createTyped<Type extends CatalogueType>(event: NewEvent<DataOf<Type>> & { eventType: Type }): Envelope<DataOf<Type>> {
  return createEvent(event);
}
/** `deriveEvent` for built-in types. */
export function deriveTyped<Type extends CatalogueType>(
  cause: EventCause,
  event: Omit<NewEvent<DataOf<Type>>, 'correlationId' | 'causationId'> & { eventType: Type },
): Envelope<DataOf<Type>> {
  return deriveEvent(cause, event);
}

export type PayloadVerdict =
  | { readonly verdict: 'valid' }
  | { readonly verdict: 'uncatalogued' }
  | { readonly verdict: 'invalid'; readonly problem: string };

/** The event types that a running site knows: the built-in ones and those of its plugins. */
export class EventCatalogue {
  readonly #byTypeAndVersion = new Map<string, EventDefinition>(BUILT_IN.map((definition) => [nameOf(definition), definition]));
  readonly #added = new Set<string>();

  constructor(extra: readonly EventDefinition[] = []) {
    for (const definition of extra) this.add(definition);
  }

  /** Add or replace an entry (a plugin may sharpen a built-in one). */
  add(definition: EventDefinition): void {
    this.#byTypeAndVersion.set(nameOf(definition), definition);
    this.#added.add(nameOf(definition));
  }

  /** What is not built in, or no longer as it is built in: `<type>@<version>`. */
  added(): ReadonlySet<string> {
    return this.#added;
  }

  get(type: string, version = '1.0'): EventDefinition | undefined {
    return this.#byTypeAndVersion.get(nameOf({ type, version }));
  }

  all(): EventDefinition[] {
    return [...this.#byTypeAndVersion.values()];
  }

  /** Check a payload against its type and version. Never throws. */
  check(event: Pick<Envelope, 'eventType' | 'eventVersion' | 'data'>): PayloadVerdict {
    const definition = this.get(event.eventType, event.eventVersion);
    if (!definition) return { verdict: 'uncatalogued' };
    const result = definition.schema.safeParse(event.data);
    return result.success ? { verdict: 'valid' } : { verdict: 'invalid', problem: describeIssues(result.error, 'data') };
  }
}

function nameOf({ type, version }: Pick<EventDefinition, 'type' | 'version'>): string {
  return `${type}@${version}`;
}

/** Turn zod issues into one line that names each field: "data.callId: expected string". At most five fields. */
export function describeIssues(error: z.ZodError, prefix = ''): string {
  const lines = error.issues.slice(0, 5).map((issue) => {
    const path = [prefix, ...issue.path.map(String)].filter((part) => part !== '').join('.');
    return path === '' ? issue.message : `${path}: ${issue.message}`;
  });
  if (error.issues.length > 5) lines.push(`and ${error.issues.length - 5} more`);
  return lines.join('; ');
}
