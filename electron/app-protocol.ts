/**
 * Answers `app://console/…` from the built console, with the headers that keep the page to itself.
 * The headless host sends the same ones, so the console behaves alike in both.
 */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';
import { contentSecurityPolicy, contentTypeOf, SECURITY_HEADERS } from '../shared/page-headers.ts';
import { CONSOLE_URL, isOnPage } from './addresses.ts';

/** A handler for `protocol.handle` that serves the files of `folder` and nothing outside it. */
export function serveConsole(folder: string): (request: Request) => Promise<Response> {
  const root = normalize(folder + sep);
  return async (request) => {
    if (request.method !== 'GET' || !isOnPage(request.url, CONSOLE_URL)) return refusal(403);
    const file = fileOf(root, new URL(request.url).pathname);
    if (file === null) return refusal(404);
    let body: Buffer;
    try {
      body = await readFile(file);
    } catch {
      return refusal(404);
    }
    return extname(file) === '.html' ? pageAnswer(body.toString('utf8')) : fileAnswer(file, body);
  };
}

/** The file behind a path of the address; null if it would lie outside `root`. */
function fileOf(root: string, path: string): string | null {
  let name: string;
  try {
    name = decodeURIComponent(path);
  } catch {
    return null;
  }
  if (name.includes('\0')) return null;
  const file = join(root, name === '/' ? 'index.html' : name);
  return file.startsWith(root) ? file : null;
}

function pageAnswer(html: string): Response {
  // A nonce per answer lets the component library add its style element, and nobody else.
  const nonce = randomBytes(16).toString('base64');
  return new Response(html.replaceAll('__CSP_NONCE__', nonce), {
    headers: { ...SECURITY_HEADERS, 'content-type': contentTypeOf('.html'), 'cache-control': 'no-store', 'content-security-policy': contentSecurityPolicy(nonce) },
  });
}

function fileAnswer(file: string, body: Buffer): Response {
  return new Response(new Uint8Array(body), { headers: { ...SECURITY_HEADERS, 'content-type': contentTypeOf(extname(file)), 'cache-control': 'no-cache' } });
}

function refusal(status: 403 | 404): Response {
  return new Response(null, { status, headers: SECURITY_HEADERS });
}
