/** The stored rules: those of the configuration file follow it, those of other origins stay. */
import type pg from 'pg';
import { RuleConfig } from '../config/site-config.ts';
import { inTransaction } from '../database/database.ts';
import { checkRules } from './check-rules.ts';
import { noteConfigured } from './rule-records.ts';

/** A copy older than this is read again, ms; meanwhile the old one is used. */
const FRESH_MS = 2_000;

export class RuleStore {
  readonly #pool: pg.Pool;
  readonly #now: () => number;
  #cached: { readonly rules: RuleConfig[]; readonly text: string; atMs: number } | null = null;
  #reading: Promise<RuleConfig[]> | null = null;
  /** Grows with each sync, so that a read that began before it is not kept. */
  #generation = 0;

  constructor(pool: pg.Pool, now: () => number = Date.now) {
    this.#pool = pool;
    this.#now = now;
  }

  /**
   * Make the stored rules of origin "config" those given: new and changed ones are written, those that left are deleted.
   * @throws ConfigError naming `rules.<id>.…` if one is not right; nothing is written then.
   */
  async sync(rules: readonly RuleConfig[]): Promise<void> {
    checkRules(rules);
    await inTransaction(this.#pool, async (tx) => {
      await tx.query(
        `INSERT INTO spine.rule AS r (id, definition, origin) SELECT id, definition::jsonb, 'config' FROM unnest($1::text[], $2::text[]) AS given (id, definition)
         ON CONFLICT (id) DO UPDATE SET definition = EXCLUDED.definition, origin = 'config', updated_at = now()
         WHERE r.definition <> EXCLUDED.definition OR r.origin <> 'config'`,
        [rules.map(({ id }) => id), rules.map((rule) => JSON.stringify(rule))],
      );
      await tx.query(`DELETE FROM spine.rule WHERE origin = 'config' AND id <> ALL ($1::text[])`, [rules.map(({ id }) => id)]);
      await noteConfigured(tx);
    });
    this.changed();
  }

  /** What is stored has changed: it is read again before the next answer. */
  changed(): void {
    this.#generation++;
    this.#reading = null;
    this.#cached = null;
  }

  /**
   * All stored rules, ordered by id. Answers from memory; a change by another process is seen within seconds.
   * The same array is returned until something changes, so that what is built from it can be kept.
   */
  async all(): Promise<RuleConfig[]> {
    const cached = this.#cached;
    if (!cached) return this.#read();
    // The realtime path never waits for this; while Postgres is away, the last known rules count.
    if (this.#now() - cached.atMs > FRESH_MS && !this.#reading) this.#read().catch(() => { cached.atMs = this.#now(); });
    return cached.rules;
  }

  #read(): Promise<RuleConfig[]> {
    this.#reading ??= this.#load(this.#generation);
    return this.#reading;
  }

  async #load(generation: number): Promise<RuleConfig[]> {
    try {
      const { rows } = await this.#pool.query<{ definition: string }>(
        // An operator's switch counts more than the definition.
        `SELECT (CASE WHEN switched IS NULL THEN definition ELSE jsonb_set(definition, '{enabled}', to_jsonb(switched)) END)::text AS definition FROM spine.rule ORDER BY id`,
      );
      const text = rows.map(({ definition }) => definition).join('\n');
      // One of another version of this program, or edited by hand, that can't be read is left out rather than stopping all others.
      const rules = this.#cached?.text === text ? this.#cached.rules : rows.flatMap(({ definition }) => RuleConfig.safeParse(JSON.parse(definition)).data ?? []);
      if (generation === this.#generation) this.#cached = { rules, text, atMs: this.#now() };
      return rules;
    } finally {
      if (generation === this.#generation) this.#reading = null;
    }
  }
}
