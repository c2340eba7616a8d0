import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NotRetryableError, RateLimitedError, RetryableError } from '../../shared/errors.ts';
import { ConnectorConfig } from '../config/site-config.ts';
import { shownUrl } from './fetch-source.ts';
import { openSource } from './open-source.ts';
import type { Position, SourceItem } from './source.ts';

let server: Server;
let base: string;
let respond: (request: IncomingMessage, response: ServerResponse) => void;
let requests: IncomingMessage[];
beforeEach(async () => {
  requests = [];
  server = createServer((request, response) => {
    requests.push(request);
    respond(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

async function read(connector: Record<string, unknown>, position: Position = {}): Promise<{ items: SourceItem[]; position: Position }> {
  const source = openSource(ConnectorConfig.parse({ id: 'c', mapping: '$', ...connector }), { path: (path) => path, secret: () => 's3cret-value' });
  const items: SourceItem[] = [];
  let last = position;
  for await (const item of source(position, new AbortController().signal)) {
    items.push(item);
    if (item.kind === 'covered') last = item.position();
  }
  return { items, position: last };
}
const idsOf = (items: readonly SourceItem[]): string[] => items.flatMap((item) => (item.kind === 'record' ? [item.recordId] : []));
const problemsOf = (items: readonly SourceItem[]): string[] => items.flatMap((item) => (item.kind === 'problem' ? [item.problem] : []));

describe('http-json', () => {
  const connector = () => ({ kind: 'http-json', url: `${base}/list?key=k`, records: 'data.items', idField: 'id', headers: { 'X-Key': { env: 'K' } } });

  it('finds the records, sends the configured headers, and asks conditionally the next time', async () => {
    respond = (request, response) => {
      if (request.headers['if-none-match'] === '"v1"') return void response.writeHead(304).end();
      response.setHeader('etag', '"v1"').end(JSON.stringify({ data: { items: [{ id: 1, n: 'a' }, 'x', { n: 'b' }] } }));
    };
    const first = await read(connector());
    expect(idsOf(first.items)).toEqual(['1']);
    expect(problemsOf(first.items)).toEqual(['is not a JSON object', 'has no value in the id field "id"']);
    expect(requests[0]?.headers['x-key']).toBe('s3cret-value');
    const second = await read(connector(), first.position);
    expect(idsOf(second.items)).toEqual([]);
    expect(problemsOf(second.items)).toEqual(problemsOf(first.items));
    // What is read differently is read anew.
    const third = await read({ ...connector(), records: 'data.items[0]' }, second.position);
    expect(idsOf(third.items)).toEqual(['1']);
  });

  it('follows redirects, but sends its headers to the configured server only', async () => {
    const other = createServer((request, response) => {
      requests.push(request);
      response.end('[{"id":7}]');
    });
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    respond = (_request, response) => void response.writeHead(302, { location: `http://127.0.0.1:${(other.address() as AddressInfo).port}/x` }).end();
    const { items } = await read({ ...connector(), records: '$' });
    other.closeAllConnections();
    other.close();
    expect(idsOf(items)).toEqual(['7']);
    expect(requests.map(({ headers }) => headers['x-key'])).toEqual(['s3cret-value', undefined]);
  });

  it.each([
    [503, { 'retry-after': '3' }, RateLimitedError],
    [500, {}, RetryableError],
    [404, {}, NotRetryableError],
  ] as const)('reads HTTP %i as what it means for the job', async (status, headers, expected) => {
    respond = (_request, response) => void response.writeHead(status, headers).end('the key s3cret-value is wrong');
    const reading = read(connector());
    await expect(reading).rejects.toThrow(expected);
    await expect(reading).rejects.toThrow(/^connectors\.c\.url answered HTTP \d+: the key \*\*\* is wrong$/);
  });

  it('says so when the answer is no JSON, and when the server is away', async () => {
    respond = (_request, response) => void response.end('<html>');
    await expect(read(connector())).rejects.toThrow('connectors.c.url did not answer with JSON');
    await expect(read({ ...connector(), url: 'http://127.0.0.1:1/' })).rejects.toThrow(RetryableError);
  });
});

describe('feed', () => {
  it('reads RSS and Atom in one shape, and reports an item without id', async () => {
    respond = (request, response) => void response.end(
      request.url === '/rss'
        ? '<rss version="2.0"><channel><title>News</title><item><guid>g1</guid><title>A</title><link>http://x/1</link><pubDate>Mon, 06 Sep 2021 00:01:00 +0200</pubDate></item><item><title>no id</title></item></channel></rss>'
        : '<feed xmlns="http://www.w3.org/2005/Atom"><title>News</title><id>f</id><entry><id>e1</id><title>A</title><updated>2003-12-13T18:30:02Z</updated><link href="http://x/2"/><author><name>Z</name></author></entry></feed>',
    );
    const rss = await read({ kind: 'feed', url: `${base}/rss` });
    expect(rss.items[0]).toMatchObject({ kind: 'record', recordId: 'g1', record: { id: 'g1', title: 'A', link: 'http://x/1', publishedAt: '2021-09-05T22:01:00.000Z', feed: 'News' } });
    expect(problemsOf(rss.items)).toEqual(['has neither an id nor a link']);
    const atom = await read({ kind: 'feed', url: `${base}/atom` });
    expect(atom.items[0]).toMatchObject({ kind: 'record', recordId: 'e1', record: { id: 'e1', title: 'A', link: 'http://x/2', updatedAt: '2003-12-13T18:30:02.000Z', authors: ['Z'] } });
  });

  it('refuses what is no feed', async () => {
    respond = (_request, response) => void response.end('<html><body>hello</body></html>');
    await expect(read({ kind: 'feed', url: base })).rejects.toThrow('connectors.c.url did not answer with a feed');
  });
});

describe('icalendar', () => {
  const event = (...lines: string[]): string => ['BEGIN:VEVENT', ...lines, 'END:VEVENT'].join('\r\n');
  const calendar = (...parts: string[]): string => ['BEGIN:VCALENDAR', 'VERSION:2.0', ...parts, 'END:VCALENDAR', ''].join('\r\n');
  const serve = (text: string): void => {
    respond = (_request, response) => void response.end(text);
  };
  const connector = () => ({ kind: 'icalendar', url: `${base}/c.ics` });
  const recordsOf = (items: readonly SourceItem[]): unknown[] => items.flatMap((item) => (item.kind === 'record' ? [item.record] : []));

  it('reads events, with times in UTC where their zone is known', async () => {
    serve(calendar(
      event('UID:1', 'DTSTART:20260701T100000Z', 'DTEND:20260701T110000Z', 'SUMMARY:Meet\\, greet', 'CATEGORIES:a,b'),
      event('UID:2', 'DTSTART;VALUE=DATE:20260702', 'SUMMARY:Holiday'),
      event('UID:3', 'DTSTART;TZID=Europe/Berlin:20260703T100000', 'SUMMARY:Summer'),
      event('UID:3', 'RECURRENCE-ID;TZID=Europe/Berlin:20261203T100000', 'DTSTART;TZID=Europe/Berlin:20261203T120000', 'SUMMARY:Winter'),
      event('UID:4', 'DTSTART:20260704T100000', 'SUMMARY:Floating'),
    ));
    const { items } = await read(connector());
    expect(idsOf(items)).toEqual(['1', '2', '3', '3/2026-12-03T09:00:00.000Z', '4']);
    expect(recordsOf(items)).toMatchObject([
      { uid: '1', summary: 'Meet, greet', start: '2026-07-01T10:00:00.000Z', end: '2026-07-01T11:00:00.000Z', allDay: false, categories: ['a', 'b'] },
      { start: '2026-07-02', allDay: true },
      { start: '2026-07-03T08:00:00.000Z', timeZone: 'Europe/Berlin' },
      { start: '2026-12-03T11:00:00.000Z' },
      { start: '2026-07-04T10:00:00' },
    ]);
  });

  it('uses the zones that the calendar defines', async () => {
    serve(calendar(
      ['BEGIN:VTIMEZONE', 'TZID:Custom', 'BEGIN:STANDARD', 'DTSTART:19700101T000000', 'TZOFFSETFROM:+0300', 'TZOFFSETTO:+0300', 'END:STANDARD', 'END:VTIMEZONE'].join('\r\n'),
      event('UID:1', 'DTSTART;TZID=Custom:20260701T100000'),
    ));
    expect(recordsOf((await read(connector())).items)).toMatchObject([{ start: '2026-07-01T07:00:00.000Z' }]);
  });

  it('loses only the malformed event', async () => {
    serve(calendar(event('UID:1', 'DTSTART:20260701T100000Z'), event('UID:2', 'no colon here'), event('DTSTART:20260701T100000Z'), event('UID:3', 'DTSTART:20260703T100000Z')));
    const { items } = await read(connector());
    expect(idsOf(items)).toEqual(['1', '3']);
    expect(problemsOf(items)).toHaveLength(2);
  });
});

it('shows no credentials and no query of a URL', () => {
  expect(shownUrl('https://user:pass@example.org/a/b?key=secret')).toBe('https://example.org/a/b?…');
});
