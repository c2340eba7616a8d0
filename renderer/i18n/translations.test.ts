/** Every message of the console, the window and the services has its German, and no translation outlives its message. */
import { parseSync } from '@swc/core';
import { IntlMessageFormat } from 'intl-messageformat';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { verbatim } from '../../shared/i18n/translate.ts';

const ROOT = join(import.meta.dirname, '../..');
const SAYS = new Set(['t', 'message', 'words']);
const FUNCTIONS = new Set(['ArrowFunctionExpression', 'FunctionDeclaration', 'FunctionExpression', 'ClassMethod', 'PrivateMethod', 'Constructor', 'MethodProperty', 'GetterProperty']);

/** What is read of a node of the syntax tree. */
interface Node {
  readonly type?: string;
  readonly name?: { readonly value?: string };
  readonly callee?: { readonly type?: string; readonly value?: string };
  readonly arguments?: readonly { readonly expression?: { readonly type?: string; readonly value?: string } }[];
  readonly attributes?: readonly { readonly name?: { readonly value?: string }; readonly value?: { readonly type?: string; readonly value?: string } }[];
}

/** The messages that a source file says, found in its syntax tree. */
function messagesOf(path: string): string[] {
  const source = readFileSync(join(ROOT, path), 'utf8');
  if (!/i18n\/(translate|trans)\.tsx?'/.test(source)) return [];
  const found: string[] = [];
  const visit = (value: unknown, inFunction: boolean): void => {
    if (Array.isArray(value)) return value.forEach((item) => visit(item, inFunction));
    if (typeof value !== 'object' || value === null) return;
    const node: Node = value;
    const callee = node.type === 'CallExpression' && node.callee?.type === 'Identifier' ? (node.callee.value ?? '') : '';
    if (SAYS.has(callee)) {
      const first = node.arguments?.[0]?.expression;
      if (first?.type === 'StringLiteral') found.push(first.value ?? '');
      else if (first?.type !== 'Identifier' && first?.type !== 'MemberExpression') throw new Error(`${path}: ${callee}() wants a message in plain quotes, with {placeholders}, or what message() marked`);
      if (callee === 't' && !inFunction) throw new Error(`${path}: t() of "${first?.value}" is said once, when the file is loaded, in whatever language that is; mark it with message()`);
    }
    if (node.type === 'JSXOpeningElement' && node.name?.value === 'Trans') {
      const literal = node.attributes?.find((attribute) => attribute.name?.value === 'message')?.value;
      if (literal?.type !== 'StringLiteral') throw new Error(`${path}: <Trans> wants its message in plain quotes`);
      found.push(literal.value ?? '');
    }
    for (const child of Object.values(value)) visit(child, inFunction || FUNCTIONS.has(node.type ?? ''));
  };
  visit(parseSync(source, { syntax: 'typescript', tsx: path.endsWith('x'), target: 'es2024' }).body, false);
  return found;
}

const sources = globSync('{renderer,electron,main,shared}/**/*.{ts,tsx}', { cwd: ROOT }).filter((path) => !path.includes('.test.') && !path.includes('/i18n/trans'));
const said = new Set([...sources.flatMap(messagesOf), verbatim('').message]);
/** English message → German, of every catalogue below these folders. Console and desktop app each load their own, and what is shared. */
const cataloguesIn = (folders: string): [english: string, translation: string][] =>
  globSync(`${folders}/**/words.de.json`, { cwd: ROOT }).flatMap((path) => Object.entries(JSON.parse(readFileSync(join(ROOT, path), 'utf8')) as Record<string, string>));
const ofConsole = cataloguesIn('{renderer,shared}');
const ofDesktop = cataloguesIn('{electron,shared}');
const german = [...ofConsole, ...ofDesktop];
const known = new Set(german.map(([english]) => english));
/** Messages that are translated in more than one way. */
const twice = (catalogue: readonly [string, string][]): string[] => {
  const ways = Map.groupBy(catalogue, ([english]) => english);
  return [...ways].filter(([, all]) => new Set(all.map(([, translation]) => translation)).size > 1).map(([english]) => english);
};
/** The placeholders of a message, those within plurals and selections too. Throws what is wrong if it is no ICU message. */
function placeholders(message: string): Set<string> {
  const found = new Set<string>();
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    // Literals (0) and "#" (7) have no name.
    const part: { type?: number; value?: unknown } = value;
    if (typeof part.type === 'number' && part.type !== 0 && part.type !== 7 && typeof part.value === 'string') found.add(part.value);
    Object.values(value).forEach(visit);
  };
  visit(new IntlMessageFormat(message, 'en', undefined, { ignoreTag: true }).getAst());
  return found;
}
const elements = (message: string): Set<string> => new Set([...message.matchAll(/<(\w+)\/?>/g)].map(([, name]) => name ?? ''));

describe('German', () => {
  it('has every message', () => expect([...said].filter((message) => !known.has(message))).toEqual([]));
  it('has what the desktop app says without the console in its own catalogue', () => {
    const own = new Set(ofDesktop.map(([english]) => english));
    // These it hands on to the window, which says them.
    const handedOn = new Set(messagesOf('electron/secret-vault.ts').concat('{title}. {detail}'));
    const alone = sources.filter((path) => path.startsWith('electron') || /main\/operator-api\/(attention|site-monitor)\.ts$|shared\/tiers\.ts$/.test(path)).flatMap(messagesOf);
    expect(alone.filter((message) => !own.has(message) && !handedOn.has(message))).toEqual([]);
  });
  it('has nothing that nobody says', () => expect([...known].filter((message) => !said.has(message))).toEqual([]));
  it('says one message in one way', () => expect([...twice(ofConsole), ...twice(ofDesktop)]).toEqual([]));
  it('keeps every placeholder and every element', () => {
    const bent = german.filter(([english, translation]) => [placeholders, elements].some((named) => [...named(english)].sort().join() !== [...named(translation)].sort().join()));
    expect(bent).toEqual([]);
  });
});
