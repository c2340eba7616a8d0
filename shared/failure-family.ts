/**
 * Failure families: dead letters of the same cause. The fingerprint is made of what the cause decides (job type, error name
 * and code, the words of the message, the place in the code) and of nothing that differs from job to job (ids, numbers,
 * times, paths, quoted values).
 *
 * Its limit: two causes that differ in nothing but a value are one family, and a message that spells a value
 * out as plain words makes a family of each.
 */
import { v5 as uuidv5 } from 'uuid';

/** Namespace of family ids: any fixed uuid does. A change of the rules below must not change it; old families then stay beside new ones. */
const FAMILY_NAMESPACE = '0d6f6d0a-5f0b-5e0e-8b63-3f1d3d2a7c55';
/** Longest message template, characters, a placeholder counted as one. */
const LONGEST_TEMPLATE = 300;
/** A message is read no further than this before it is normalised, characters: some carry whole answers of other systems. */
const LONGEST_MESSAGE = 4_000;

/** What is known of a failure. */
export interface Failure {
  readonly jobType: string;
  readonly errorName: string;
  readonly errorCode?: string | undefined;
  readonly message: string;
  readonly stack?: string | undefined;
}

export interface FailureFamily {
  /** uuid; follows from the other fields. */
  readonly id: string;
  readonly jobType: string;
  readonly errorName: string;
  readonly errorCode: string | null;
  /** The message with placeholders: "channels.crm.url answered HTTP 503: order <n> is locked". */
  readonly template: string;
  /** "postJson (outbound-http)"; null if the stack names none. */
  readonly topFrame: string | null;
}

/** The family of a failure. Pure, and stable over processes and machines. */
export function familyOf({ jobType, errorName, errorCode, message, stack }: Failure): FailureFamily {
  const template = normaliseMessage(message);
  const topFrame = topFrameOf(stack);
  const code = errorCode ?? null;
  return { id: uuidv5(JSON.stringify([jobType, errorName, code, template, topFrame]), FAMILY_NAMESPACE), jobType, errorName, errorCode: code, template, topFrame };
}

/**
 * While the rules run, what is settled stands as one private-use character, so that a later rule can't take it apart:
 * U+E000…E009 are the digits of statuses, U+E010… the placeholders.
 */
const PLACEHOLDERS = ['<n>', '<id>', '<text>', '<time>', '<path>', '<address>', '…'] as const;
const sign = (placeholder: (typeof PLACEHOLDERS)[number]): string => String.fromCharCode(0xe010 + PLACEHOLDERS.indexOf(placeholder));
const [N, ID, TEXT, TIME, PATH, ADDRESS, MORE] = PLACEHOLDERS.map(sign) as [string, string, string, string, string, string, string];
const hideDigits = (text: string): string => text.replaceAll(/\d/g, (digit) => String.fromCharCode(0xe000 + Number(digit)));

/** HTTP statuses and the like are words, not numbers: 404 and 503 are different causes. */
const STATUS = /\b(?:HTTP(?:\/\d(?:\.\d)?)?|status(?: code)?|SQLSTATE|exit(?:ed with)?(?: code)?)[ :=]*\d{1,5}\b/gi;

/** In this order: what is larger is taken first, so that the parts of an address or a time are not taken for numbers. */
const RULES: readonly (readonly [pattern: RegExp, replacement: string | ((...match: string[]) => string)])[] = [
  [STATUS, hideDigits],
  [/\b([a-z][a-z0-9+.-]{1,20}):\/\/([^\s/?#'"<>]*)([^\s?#'"<>]*)(?:\?[^\s#'"<>]*)?(?:#[^\s'"<>]*)?/gi, (_all, scheme = '', host = '', path = '') => `${hideDigits(scheme.toLowerCase())}://${hostOf(host)}${path === '' || path === '/' ? '' : `/${PATH}`}`],
  [/[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g, ADDRESS],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, ID],
  [/\b\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?)?(?: ?(?:Z|UTC|GMT|[+-]\d{2}:?\d{2}))?(?![\w-])/g, TIME],
  [/\b(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? )?(?:\d{1,2} )?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{1,4}(?:,? \d{4})?(?: \d{2}:\d{2}(?::\d{2})?)?(?: (?:GMT|UTC)(?:[+-]\d{4})?)?\b/g, TIME],
  [/\b\d{1,2}:\d{2}:\d{2}(?:[.,]\d+)?\b/g, TIME],
  [/“[^”]*”|«[^»]*»|"[^"]*"|`[^`]*`|(?<![\p{L}\p{N}])'[^']*'(?![\p{L}\p{N}])/gu, TEXT],
  [/\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b/g, ADDRESS],
  [/(?<![\w:.])\[?(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{1,4}\]?(?::\d+)?(?![\w:])/gi, ADDRESS],
  [/(?<![\w/\\.>])(?:[A-Za-z]:\\|\\\\|\.{0,2}\/|~\/)[\w.@%+~-]+(?:[\\/][\w.@%+~-]+)*[\\/]?(?::\d+(?::\d+)?)?/g, PATH],
  [/(?<![\w/\\.>])[\w@+-][\w.@+-]*(?:[\\/][\w.@+-]+)*[\\/][\w@+-]+\.[A-Za-z]\w{0,9}\b(?::\d+(?::\d+)?)?/g, PATH],
  [/\b0x[0-9a-f]+\b/gi, ID],
  // Long words that mix letters and digits are keys, hashes, tokens.
  [/(?<!\w)(?=[A-Za-z_-]*\d)(?=[\d_-]*[A-Za-z])[A-Za-z0-9][A-Za-z0-9_-]{10,}(?!\w)/g, ID],
  [/(?<!\w)(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{8,}(?!\w)/gi, ID],
  [/[+-]?\d+(?:[.,_]\d+)*(?:e[+-]?\d+)?/gi, N],
  // A list of values is as long as it happens to be.
  [new RegExp(`([${N}-${ADDRESS}])(?:(?:,| and| or|;)? ?\\1)+${MORE}?`, 'g'), (_all, first = '') => `${first}${MORE}`],
];

/** Replace by placeholders what differs from job to job. */
export function normaliseMessage(message: string): string {
  let text = message.slice(0, LONGEST_MESSAGE).toWellFormed().replaceAll(/[\uE000-\uE0FF]/g, '?').replaceAll(/\s+/g, ' ').trim();
  for (const placeholder of PLACEHOLDERS) text = text.replaceAll(placeholder, sign(placeholder));
  for (const [pattern, replacement] of RULES) text = typeof replacement === 'string' ? text.replaceAll(pattern, replacement) : text.replaceAll(pattern, replacement);
  return text
    .slice(0, LONGEST_TEMPLATE)
    .replaceAll(/[\uE000-\uE009]/g, (digit) => String(digit.charCodeAt(0) - 0xe000))
    .replaceAll(/[\uE010-\uE01F]/g, (placed) => PLACEHOLDERS[placed.charCodeAt(0) - 0xe010] ?? '');
}

/** A host is a cause (the mail server is away, the gateway is not); a port, an IP address and credentials are not. */
function hostOf(authority: string): string {
  const host = authority.slice(authority.lastIndexOf('@') + 1).replace(/:\d*$/, '').toLowerCase();
  return /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[.*\])$/.test(host) ? ADDRESS : host.replaceAll(/\d+/g, N);
}

const FRAME = /^\s*at (?:async )?(?:(.+?) \()?((?:file:\/\/|[A-Za-z]:[\\/]|\/|app:|webpack:|\.{0,2}[\w@-]+[\\/])[^()]*?):\d+:\d+\)?$/;
/** Not ours: what the runtime and the packages do on the way. */
const FOREIGN = /(?:^|[\\/])node_modules[\\/]|^node:/;

/** The first frame of our code or a handler's: function and file, without folder, ending and line. Null if there is none. */
export function topFrameOf(stack: string | undefined): string | null {
  for (const line of (stack ?? '').split('\n')) {
    const match = FRAME.exec(line);
    const [, called, place = ''] = match ?? [];
    if (!match || FOREIGN.test(place)) continue;
    // A bundle's file carries a hash that changes with every build; `?t=…` is a module loaded again.
    const file = (place.split(/[?#]/)[0] ?? '').split(/[\\/]/).at(-1)?.replace(/\.[cm]?[jt]sx?$/, '').replace(/-(?=[\w-]*\d)[\w-]{8}$/, '') ?? '';
    const name = (called ?? '').replace(/ \[as .+\]$/, '').replace(/^new /, '').replace(/^(?:Object|Module|AsyncFunction)\./, '');
    return name === '' || name.includes('<anonymous>') ? file : `${name} (${file})`;
  }
  return null;
}

/** Deaths by hour, oldest first, as words: more in the last two hours than in two of the hours before, or not. */
export function trendOf(byHour: readonly number[]): 'growing' | 'steady' | 'quiet' {
  const recent = byHour.slice(-2).reduce((sum, count) => sum + count, 0);
  if (recent === 0) return 'quiet';
  const before = byHour.slice(0, -2);
  const usual = before.length === 0 ? 0 : (before.reduce((sum, count) => sum + count, 0) / before.length) * 2;
  return recent > usual * 1.5 ? 'growing' : 'steady';
}

/** Compare versions such as "1.10.2": below 0, 0 or above 0. What is no number counts as text, after numbers. */
export function compareVersions(a: string, b: string): number {
  const parts = (version: string): string[] => version.trim().replace(/^v/i, '').split(/[.+-]/);
  const [left, right] = [parts(a), parts(b)];
  for (let at = 0; at < Math.max(left.length, right.length); at += 1) {
    const [x, y] = [left[at] ?? '0', right[at] ?? '0'];
    const [n, m] = [Number(x), Number(y)];
    if (Number.isNaN(n) !== Number.isNaN(m)) return Number.isNaN(n) ? 1 : -1;
    const difference = Number.isNaN(n) ? x.localeCompare(y, 'en') : n - m;
    if (difference !== 0) return difference;
  }
  return 0;
}
