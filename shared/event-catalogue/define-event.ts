/** What an entry of the event catalogue is, and how one is written. */
import * as z from 'zod';

export interface EventDefinition<Type extends string = string, Schema extends z.ZodObject = z.ZodObject> {
  readonly type: Type;
  /** "major.minor". A payload of another version is accepted and marked uncatalogued. */
  readonly version: string;
  /** When it is published, in one sentence. */
  readonly description: string;
  /** Shape of `data`. Unknown extra fields are kept. */
  readonly schema: Schema;
  /** A valid payload, shown in the console and used by its publish form. */
  readonly example: z.infer<Schema>;
}

/** Write an entry of the event catalogue. Checks the example against the schema, so a wrong one fails at start. */
export function defineEvent<Type extends string, Schema extends z.ZodObject>(
  definition: Omit<EventDefinition<Type, Schema>, 'version'> & { version?: string },
): EventDefinition<Type, Schema> {
  definition.schema.parse(definition.example);
  return { version: '1.0', ...definition };
}

/** Text that is not empty. */
export const text = z.string().min(1);
/** Any JSON object. */
export const jsonObject = z.record(z.string(), z.unknown());
/** ISO 8601 with an offset or Z. */
export const instant = z.iso.datetime({ offset: true });
