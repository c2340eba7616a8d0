import { describe, expect, it } from 'vitest';
import type { CatalogueEvent, TypeUsage } from '../../shared/operator-api/index.ts';
import { driftAnswer, linesOf, unknownVersions } from './catalogue-lines.ts';

const event = (type: string, version = '1.0'): CatalogueEvent => ({ type, version, domain: type.split('.')[0] ?? '', description: '', schema: {}, example: {}, triggers: [] });
const usage = (type: string, part: Partial<TypeUsage> = {}): TypeUsage => ({ type, events: 3, lately: 1, lastMs: 1, versions: [{ version: '1.0', events: 3, known: true }], drift: { events: 0, lately: 0, lastMs: null }, ...part });

describe('the lines of the catalogue', () => {
  const lines = linesOf(
    [event('system.B'), event('communication.A'), event('communication.A', '2.0'), event('system.A')],
    [usage('communication.A', { versions: [{ version: '1.0', events: 2, known: true }, { version: '3.0', events: 1, known: false }] }), usage('communication.Strange', { versions: [{ version: '1.0', events: 3, known: false }] }), usage('system.B', { drift: { events: 4, lately: 0, lastMs: 1 } })],
  );
  it('are by domain and name, with versions of a type as one, and unknown types last', () => {
    expect(lines.map(({ type, entries }) => [type, entries.length])).toEqual([['communication.A', 2], ['system.A', 1], ['system.B', 1], ['communication.Strange', 0]]);
    expect(lines.map(({ usage: of }) => of?.events ?? null)).toEqual([3, null, 3, 3]);
  });
  it('tell of versions that are not known', () => expect(lines.map(unknownVersions)).toEqual([1, 0, 0, 0]));
  it('are summed up', () => {
    expect(driftAnswer(lines)).toBe('4 payloads do not fit the schema of their type. 2 types or versions were seen that the catalogue does not know.');
    expect(driftAnswer(linesOf([event('a.B')], []))).toBe('Every payload that came fits its schema.');
  });
});
