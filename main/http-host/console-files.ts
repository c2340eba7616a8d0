/** The console's files, built by `npm run build`, with the headers that keep the page to itself. */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { extname, join, sep } from 'node:path';
import { UnavailableError } from '../../shared/errors.ts';
import { contentSecurityPolicy, contentTypeOf, SECURITY_HEADERS } from '../../shared/page-headers.ts';

export class ConsoleFiles {
  readonly #files = new Map<string, Buffer>();

  /** @throws UnavailableError if the console has not been built. */
  constructor(folder: string) {
    if (!existsSync(join(folder, 'index.html'))) throw new UnavailableError('console', `there is no built console in ${folder}`, 'Run npm run build.');
    for (const name of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (!name.isFile()) continue;
      const path = join(name.parentPath, name.name);
      this.#files.set(`/${path.slice(folder.length + 1).split(sep).join('/')}`, readFileSync(path));
    }
  }

  /** Answer with a file. @returns false if there is none by that name. */
  serve(path: string, response: ServerResponse): boolean {
    const name = path === '/' ? '/index.html' : path;
    const body = this.#files.get(name);
    if (!body) return false;
    if (name === '/index.html') {
      // A nonce per answer lets the component library add its style element, and nobody else.
      const nonce = randomBytes(16).toString('base64');
      response.writeHead(200, {
        ...SECURITY_HEADERS,
        'content-type': contentTypeOf('.html'),
        'cache-control': 'no-store',
        'content-security-policy': contentSecurityPolicy(nonce),
      });
      response.end(body.toString('utf8').replaceAll('__CSP_NONCE__', nonce));
      return true;
    }
    response.writeHead(200, {
      ...SECURITY_HEADERS,
      'content-type': contentTypeOf(extname(name)),
      // Names under assets/ carry a hash of their content.
      'cache-control': name.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
    });
    response.end(body);
    return true;
  }
}
