/** Takes secrets out of text that leaves the machine: those we know by value, and those that look like one. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const HIDDEN = '‹hidden›';
/** Shorter values would hide ordinary words. */
const SHORTEST = 6;
/** Names of settings and variables whose values are never shown. */
const SECRET_NAME = /pass(word)?$|secret|token|seed|credential|api_?key|authorization|cookie/i;

/** Things that are secret by their looks. */
const LOOKS: readonly (readonly [RegExp, string])[] = [
  [/\b([a-z][a-z0-9+.-]*:\/\/[^\s:/@"']*):[^\s@/"']+@/gi, `$1:${HIDDEN}@`],
  [/\bS[UAOXNC][A-Z2-7]{54,58}\b/g, HIDDEN],
  [/-----BEGIN [A-Z ]+-----[\s\S]*?------?END [A-Z ]+------?/g, HIDDEN],
  [/\b(Bearer|Basic) +[A-Za-z0-9._~+/=-]{6,}/g, `$1 ${HIDDEN}`],
  [/("?(?:password|passphrase|secret|token|seed|api_?key|authorization|cookie)"?\s*[:=]\s*)("(?:[^"\\]|\\.)+"|[^\s",}{]+)/gi, `$1${HIDDEN}`],
];

/** Is this the name of something whose value is never shown? */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}

/** A function that hides `values`, and whatever looks like a secret, in a text. */
export function redactor(values: Iterable<string>): (text: string) => string {
  const known = [...new Set(values)].map((value) => value.trim()).filter((value) => value.length >= SHORTEST).sort((a, b) => b.length - a.length);
  return (text) => {
    const hidden = known.reduce((rest, value) => rest.replaceAll(value, HIDDEN), text);
    return LOOKS.reduce((rest, [pattern, instead]) => rest.replace(pattern, instead), hidden);
  };
}

/** Every secret of a site that this process can read: the files of its folder, and the variables that are named like one. */
export function secretsOf(dataFolder: string, env: NodeJS.ProcessEnv): string[] {
  const files = [...filesIn(join(dataFolder, 'secrets')), join(dataFolder, 'run', 'token')];
  const values = files.map((file) => {
    try {
      return readFileSync(file, 'utf8');
    } catch {
      return '';
    }
  });
  return [...values, ...Object.entries(env).flatMap(([name, value]) => (value !== undefined && isSecretName(name) ? [value] : []))];
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder).map((name) => join(folder, name));
  } catch {
    return [];
  }
}
