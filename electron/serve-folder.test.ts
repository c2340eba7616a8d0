import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serveFolder } from './serve-folder.ts';

describe('a folder of updates on loopback', () => {
  const parent = mkdtempSync(join(tmpdir(), 'spine-updates-'));
  const folder = join(parent, 'updates');
  let served: { server: Server; url: string };
  beforeAll(async () => {
    mkdirSync(join(folder, 'deeper'), { recursive: true });
    writeFileSync(join(folder, 'latest-linux.yml'), 'version: 9.9.9');
    writeFileSync(join(folder, 'deeper', 'file'), 'x');
    writeFileSync(join(parent, 'secret'), 'secret');
    served = await serveFolder(folder);
  });
  afterAll(() => {
    served.server.close();
    rmSync(parent, { recursive: true });
  });

  /** As it is written: fetch would straighten the path first. */
  const get = (path: string, method = 'GET'): Promise<{ status: number; text: string }> =>
    new Promise((resolve, reject) => {
      const { port } = new URL(served.url);
      request({ host: '127.0.0.1', port, path, method }, (answer) => {
        let text = '';
        answer.on('data', (chunk: Buffer) => (text += chunk.toString())).on('end', () => resolve({ status: answer.statusCode ?? 0, text }));
      }).on('error', reject).end();
    });
  const inside = (name: string): string => `${new URL(served.url).pathname}/${name}`;

  test('gives its files', async () => expect(await get(inside('latest-linux.yml'))).toEqual({ status: 200, text: 'version: 9.9.9' }));
  test.each(['../secret', '%2e%2e%2fsecret', '..%2fsecret', 'deeper/file', 'deeper', '', '.', '..', 'missing', '%'])('and nothing else: %s', async (name) => expect((await get(inside(name))).status).toBe(404));
  test('to nobody who does not know its path', async () => {
    expect((await get('/latest-linux.yml')).status).toBe(404);
    expect((await get('/00000000000000000000000000000000/latest-linux.yml')).status).toBe(404);
    expect((await get(inside('latest-linux.yml'), 'POST')).status).toBe(404);
  });
});
