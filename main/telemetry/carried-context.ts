/**
 * What is carried along while a span is active: values by key, as the API's own contexts. Those make three functions for each
 * context and assign them to it, which V8 puts among what lives long (docs/adr/0019); there is one for each event and attempt.
 */
import { type Context, context, ROOT_CONTEXT } from '@opentelemetry/api';

class CarriedContext implements Context {
  readonly #values: ReadonlyMap<symbol, unknown>;

  constructor(values: ReadonlyMap<symbol, unknown>) {
    this.#values = values;
  }

  getValue(key: symbol): unknown {
    return this.#values.get(key);
  }
  setValue(key: symbol, value: unknown): Context {
    return new CarriedContext(new Map(this.#values).set(key, value));
  }
  deleteValue(key: symbol): Context {
    const values = new Map(this.#values);
    values.delete(key);
    return new CarriedContext(values);
  }
}

/** Nothing is carried. */
export const NOTHING_CARRIED: Context = new CarriedContext(new Map());

/** The context that is active here. */
export function activeContext(): Context {
  const active = context.active();
  return active === ROOT_CONTEXT ? NOTHING_CARRIED : active;
}
