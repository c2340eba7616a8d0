/** JSONata expressions of the configuration: compiled once, evaluated with limits on time and depth. */
import { setImmediate } from 'node:timers/promises';
import jsonata from 'jsonata';
import { messageOf, NotRetryableError } from '../../shared/errors.ts';

/** An expression runs at most this long, ms. */
const LONGEST_MS = 2_000;
const DEEPEST = 500;
/** Longest stretch without letting others have a turn, ms. */
const TURN_MS = 10;
/** JSONata calls what is bound here before each step, and waits for it. */
const BEFORE_EACH_STEP = Symbol.for('jsonata.__evaluate_entry');
/** A site has a handful of expressions; a console that tries out many must not fill the memory. */
const MOST_COMPILED = 200;

const compiled = new Map<string, jsonata.Expression>();

/**
 * Evaluate `expression` over `input`. Results are plain JSON.
 * @throws NotRetryableError naming `setting` if it does not compile, fails or runs too long.
 */
export async function evaluateExpression(expression: string, input: unknown, setting: string): Promise<unknown> {
  const compiledExpression = compile(expression, setting);
  let result: unknown;
  turnBeganMs = performance.now();
  try {
    result = await compiledExpression.evaluate(input);
  } catch (cause) {
    throw new NotRetryableError(`${setting} failed: ${reasonOf(cause)}.`, { cause: asError(cause) });
  }
  // JSONata marks its lists with properties of its own; JSON drops them, and functions.
  return result === undefined ? undefined : (JSON.parse(JSON.stringify(result) ?? 'null') as unknown);
}

/** Compile an expression ahead of its use. @throws NotRetryableError naming `setting`. */
export function compile(expression: string, setting: string): jsonata.Expression {
  const known = compiled.get(expression);
  if (known) return known;
  let fresh: jsonata.Expression;
  try {
    fresh = jsonata(expression, { timeout: LONGEST_MS, stack: DEEPEST });
  } catch (cause) {
    throw new NotRetryableError(`${setting} is not a JSONata expression: ${reasonOf(cause)}.`, { cause: asError(cause) });
  }
  // Typed for texts; it binds symbols as well.
  fresh.assign(BEFORE_EACH_STEP as unknown as string, giveWay);
  if (compiled.size >= MOST_COMPILED) compiled.clear();
  compiled.set(expression, fresh);
  return fresh;
}

let turnBeganMs = 0;
let steps = 0;

/** An expression would otherwise keep the event loop, and with it the realtime tier, until it ends. */
function giveWay(): Promise<void> | undefined {
  if (++steps % 32 !== 0 || performance.now() - turnBeganMs < TURN_MS) return undefined;
  return setImmediate().then(() => {
    turnBeganMs = performance.now();
  });
}

/** JSONata throws plain objects with a message, a code and a position. */
function reasonOf(cause: unknown): string {
  if (cause === null || typeof cause !== 'object') return messageOf(cause);
  const { message, code, position } = cause as { message?: unknown; code?: unknown; position?: unknown };
  const words = typeof message === 'string' ? message.replace(/\.$/, '') : typeof code === 'string' ? code : 'it does not say why';
  return typeof position === 'number' ? `${words} (at character ${position})` : words;
}

function asError(cause: unknown): Error {
  return cause instanceof Error ? cause : new Error(reasonOf(cause));
}
