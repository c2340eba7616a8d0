/**
 * Operators of rules, beside those of json-rules-engine (equal, notEqual, in, notIn, contains, doesNotContain,
 * lessThan, lessThanInclusive, greaterThan, greaterThanInclusive). None uses regular expressions, which one text can
 * keep busy for minutes.
 */
import { type Engine, Operator } from 'json-rules-engine';

const ENGINE_OPERATORS = ['equal', 'notEqual', 'in', 'notIn', 'contains', 'doesNotContain', 'lessThan', 'lessThanInclusive', 'greaterThan', 'greaterThanInclusive'];
const ENGINE_DECORATORS = new Set(['someFact', 'someValue', 'everyFact', 'everyValue', 'swap', 'not']);

const isText = (value: unknown): boolean => typeof value === 'string';

const OWN = [
  new Operator<string, unknown>('startsWith', (text, start) => typeof start === 'string' && text.startsWith(start), isText),
  new Operator<string, unknown>('endsWith', (text, end) => typeof end === 'string' && text.endsWith(end), isText),
  /** Upper and lower case are the same. */
  new Operator<string, unknown>('containsText', (text, part) => typeof part === 'string' && text.toLowerCase().includes(part.toLowerCase()), isText),
  /** `*` is any text, `?` any one character; upper and lower case are the same. */
  new Operator<string, unknown>('matches', (text, pattern) => typeof pattern === 'string' && matchesPattern(text.toLowerCase(), pattern.toLowerCase()), isText),
  /** true: there is a value. false: there is none. */
  new Operator<unknown, unknown>('exists', (value, wanted) => (value !== undefined && value !== null) === (wanted !== false)),
] as const;

const NAMES = new Set([...ENGINE_OPERATORS, ...OWN.map(({ name }) => name)]);

export const OPERATOR_NAMES: readonly string[] = [...NAMES];

export function addOperators(engine: Engine): void {
  for (const operator of OWN) engine.addOperator(operator as Operator);
}

/** Is this an operator, perhaps with decorators before it, such as `not:startsWith`? */
export function isOperator(name: string): boolean {
  const parts = name.split(':');
  const last = parts.pop() ?? '';
  return NAMES.has(last) && parts.every((part) => ENGINE_DECORATORS.has(part));
}

/** Wildcards without backtracking: a star is tried again one character further on, and only the last star. */
export function matchesPattern(text: string, pattern: string): boolean {
  let at = 0;
  let inPattern = 0;
  let star = -1;
  let starAt = 0;
  while (at < text.length) {
    if (pattern[inPattern] === '*') {
      star = inPattern++;
      starAt = at;
    } else if (inPattern < pattern.length && (pattern[inPattern] === '?' || pattern[inPattern] === text[at])) {
      at++;
      inPattern++;
    } else if (star !== -1) {
      inPattern = star + 1;
      at = ++starAt;
    } else {
      return false;
    }
  }
  while (pattern[inPattern] === '*') inPattern++;
  return inPattern === pattern.length;
}
