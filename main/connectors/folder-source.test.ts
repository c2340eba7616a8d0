import { mkdtempSync, mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RetryableError } from '../../shared/errors.ts';
import { type Changes, collectChanges } from './collect-changes.ts';
import { folderSource } from './folder-source.ts';
import type { Position } from './source.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'folder-source-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const put = (name: string, text: string | Buffer): void => writeFileSync(join(folder, name), text);
const known = new Map<string, string>();
beforeEach(() => known.clear());

/** Read once, and remember the fingerprints and the position as a sync does. */
async function sync(position: Position = {}, options: { idField?: string; limit?: number } = {}): Promise<Changes> {
  const source = folderSource({ id: 'c', kind: 'folder', path: '.', watch: false, mapping: '$', ...(options.idField ? { idField: options.idField } : {}) }, folder);
  const { signal } = new AbortController();
  const changes = await collectChanges(source(JSON.parse(JSON.stringify(position)) as Position, signal), { limit: options.limit ?? 1_000, known: async () => known, signal });
  for (const { recordId, fingerprint } of changes.changed) known.set(recordId, fingerprint);
  return changes;
}
const ids = (changes: Changes): string[] => changes.changed.map(({ recordId }) => recordId);
const records = (changes: Changes): unknown[] => changes.changed.map(({ record }) => record);

describe('CSV', () => {
  it('reads rows under their headers, and says where they come from', async () => {
    put('a.csv', '\uFEFFid,name\r\n1,Ada\r\n2,"Bo ""B"" Lee, Jr."\r\n');
    const changes = await sync({}, { idField: 'id' });
    expect(records(changes)).toEqual([{ id: '1', name: 'Ada' }, { id: '2', name: 'Bo "B" Lee, Jr.' }]);
    expect(changes.changed.map(({ receivedFrom }) => receivedFrom)).toEqual(['a.csv:2', 'a.csv:3']);
  });

  it('finds the delimiter, and keeps line breaks in quotes', async () => {
    put('a.csv', 'id;note\n1;"first, line\nsecond"\n\n2;x\n');
    expect(records(await sync({}, { idField: 'id' }))).toEqual([{ id: '1', note: 'first, line\nsecond' }, { id: '2', note: 'x' }]);
  });

  it('names a record by file and line if no id field is set', async () => {
    put('a.csv', 'name\nAda\nBo\n');
    expect(ids(await sync())).toEqual(['a.csv#2', 'a.csv#3']);
  });

  it.each([
    ['too many cells', '2,b,c', 'has 3 cells, the header has 2'],
    ['too few cells', '2', 'has 1 cell, the header has 2'],
    ['a quote in the middle', '2,b"x"', 'a quote stands where none may be'],
    ['text after a closing quote', '2,"b"x', 'a quote stands where none may be'],
    ['a quote that is never closed', '2,"b', 'a quote is opened and not closed'],
    ['no id', ' ,b', 'has no value in the id field "id"'],
  ])('loses no other row to a row with %s', async (_what, row, problem) => {
    put('a.csv', `id,name\n1,a\n${row}\n3,"c, d"\n4,e\n`);
    const changes = await sync({}, { idField: 'id' });
    expect(ids(changes)).toEqual(['1', '3', '4']);
    expect(changes.problems).toEqual([`a.csv:3 ${problem}`]);
  });

  it('recovers when a stray quote meets another one many rows later', async () => {
    const rows = Array.from({ length: 50 }, (_, index) => `${index},${index === 10 || index === 20 ? '"x' : 'x'}`);
    put('a.csv', `id,name\n${rows.join('\n')}\n`);
    const changes = await sync({}, { idField: 'id' });
    expect(changes.changed).toHaveLength(48);
    expect(changes.problems.map((problem) => problem.split(' ')[0])).toEqual(['a.csv:12', 'a.csv:22']);
  });

  it('gives up a quote that stays open for hundreds of rows, and reads those rows', async () => {
    const rows = Array.from({ length: 900 }, (_, index) => `${index},${index === 100 ? '"x' : 'x'}`);
    put('a.csv', `id,name\n${rows.join('\n')}\n`);
    const changes = await sync({}, { idField: 'id' });
    expect(changes.changed).toHaveLength(899);
    expect(changes.problems).toEqual(['a.csv:102 a quote is opened and not closed']);
  });
});

describe('JSON and NDJSON', () => {
  it('reads an array, and an object as one record', async () => {
    put('a.json', '[{"id":1},7,{"id":2}]');
    put('b.json', '{"id":3,"nested":{"x":[1]}}');
    const changes = await sync({}, { idField: 'id' });
    expect(ids(changes)).toEqual(['1', '2', '3']);
    expect(changes.problems).toEqual(['a.json:2 is not a JSON object']);
  });

  it('reads NDJSON line by line, and loses only the malformed line', async () => {
    put('a.ndjson', '{"id":"a"}\n{"id":\n\n{"id":"b"}');
    const changes = await sync({}, { idField: 'id' });
    expect(ids(changes)).toEqual(['a', 'b']);
    expect(changes.problems).toHaveLength(1);
    expect(changes.problems[0]).toMatch(/^a\.ndjson:2 is not JSON/);
  });

  it('reads the other files when one is malformed', async () => {
    put('a.json', '{"id":');
    put('b.json', '{"id":1}');
    const changes = await sync({}, { idField: 'id' });
    expect(ids(changes)).toEqual(['1']);
    expect(changes.problems[0]).toMatch(/^a\.json is not JSON/);
  });

  it('keeps out what Postgres can not store', async () => {
    put('a.json', String.raw`{"id":"x\u0000y","text":"a\u0000b\ud800"}`);
    const [change] = (await sync({}, { idField: 'id' })).changed;
    expect(change).toMatchObject({ recordId: 'xy', record: { id: 'xy', text: 'ab\ufffd' } });
  });
});

describe('what has changed', () => {
  it('does not read an unchanged file again, and goes on telling its problems', async () => {
    put('a.csv', 'id,name\n1,a\n2\n');
    const first = await sync({}, { idField: 'id' });
    const second = await sync(first.position ?? {}, { idField: 'id' });
    expect(second).toMatchObject({ changed: [], unchanged: 0, finished: true, problems: first.problems });
  });

  it('does not read a file again that was only touched', async () => {
    put('a.csv', 'id,name\n1,a\n');
    const first = await sync({}, { idField: 'id' });
    utimesSync(join(folder, 'a.csv'), new Date(), new Date(Date.now() + 60_000));
    expect(await sync(first.position ?? {}, { idField: 'id' })).toMatchObject({ changed: [], unchanged: 0 });
  });

  it('yields the changed and the new records of a changed file', async () => {
    put('a.csv', 'id,name\n1,a\n2,b\n');
    const first = await sync({}, { idField: 'id' });
    put('a.csv', 'id,name\n1,a\n2,B\n3,c\n');
    const second = await sync(first.position ?? {}, { idField: 'id' });
    expect(records(second)).toEqual([{ id: '2', name: 'B' }, { id: '3', name: 'c' }]);
    expect(second.unchanged).toBe(1);
  });

  it('forgets a file that has left', async () => {
    put('a.csv', 'id\n1\n');
    const first = await sync({}, { idField: 'id' });
    rmSync(join(folder, 'a.csv'));
    expect((await sync(first.position ?? {}, { idField: 'id' })).position).toEqual({ idField: 'id', files: {} });
  });

  it('reads a large file in batches, each from where the last one ended', async () => {
    put('a.csv', `id,name\n${Array.from({ length: 3_000 }, (_, index) => `${index},é${index}`).join('\n')}\n`);
    put('b.ndjson', Array.from({ length: 1_700 }, (_, index) => JSON.stringify({ id: `n${index}` })).join('\n'));
    const seen: string[] = [];
    let position: Position = {};
    let batches = 0;
    let unchanged = 0;
    for (let finished = false; !finished; batches++) {
      const changes = await sync(position, { idField: 'id', limit: 500 });
      seen.push(...ids(changes));
      position = changes.position ?? position;
      unchanged += changes.unchanged;
      ({ finished } = changes);
    }
    expect(seen).toHaveLength(4_700);
    expect(new Set(seen).size).toBe(4_700);
    expect(batches).toBeGreaterThan(5);
    // Nothing is read twice.
    expect(unchanged).toBe(0);
  });
});

it('reads subfolders, and passes over hidden files and files in the making', async () => {
  mkdirSync(join(folder, 'in'));
  mkdirSync(join(folder, '.git'));
  put('in/a.csv', 'id\n1\n');
  put('.git/a.csv', 'id\n2\n');
  put('.b.csv', 'id\n3\n');
  put('c.csv.part', 'id\n4\n');
  expect(ids(await sync())).toEqual(['in/a.csv#2']);
});

it('says which setting is wrong when the folder is not there', async () => {
  const source = folderSource({ id: 'crm', kind: 'folder', path: 'gone', watch: false, mapping: '$' }, join(folder, 'gone'));
  const reading = collectChanges(source({}, new AbortController().signal), { limit: 10, known: async () => known, signal: new AbortController().signal });
  await expect(reading).rejects.toThrow(RetryableError);
  await expect(reading).rejects.toThrow('connectors.crm.path');
});
