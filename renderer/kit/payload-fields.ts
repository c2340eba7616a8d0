/** A payload as a flat list of its fields. Pure. */

export interface PayloadField {
  /** Steps from the top; places of lists are numbers. */
  readonly path: readonly string[];
  readonly value: string | number | boolean | null;
}

/** Fields in reading order, at most `most`; empty objects and lists have none. */
export function fieldsOf(payload: unknown, most = 500): PayloadField[] {
  const fields: PayloadField[] = [];
  const walk = (value: unknown, path: readonly string[]): void => {
    if (fields.length >= most) return;
    if (typeof value === 'object' && value !== null) {
      for (const [key, inner] of Object.entries(value)) walk(inner, [...path, key]);
      return;
    }
    if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') fields.push({ path, value });
  };
  walk(payload, []);
  return fields;
}
