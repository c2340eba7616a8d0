/** A folder of updates, on loopback for the moment. Free of Electron, so that it can be tested alone. */
import { randomBytes } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, join } from 'node:path';

/** Serve the files directly in a folder on loopback, under a path that nobody else on this machine knows. */
export async function serveFolder(folder: string): Promise<{ server: Server; url: string }> {
  const secret = randomBytes(16).toString('hex');
  const server = createServer((request, response) => {
    const [, key, name, ...rest] = partsOf(request.url);
    // One name below the folder: nothing that climbs, and nothing deeper.
    const isFile = key === secret && name !== undefined && rest.length === 0 && name === basename(name) && name !== '..' && name !== '.';
    const file = isFile ? join(folder, name) : '';
    const stat = isFile ? statSync(file, { throwIfNoEntry: false }) : undefined;
    if (request.method !== 'GET' || !stat?.isFile()) return void response.writeHead(404).end();
    response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': stat.size });
    createReadStream(file).pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/${secret}` };
}

/** The decoded parts of a request's path; none if it can't be read. */
function partsOf(path = '/'): (string | undefined)[] {
  try {
    return new URL(path, 'http://127.0.0.1').pathname.split('/').map(decodeURIComponent);
  } catch {
    return [];
  }
}
