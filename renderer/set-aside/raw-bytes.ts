/** Bytes as a person can read them: a hex dump with offsets and the printable characters. */
import { t } from '../../shared/i18n/translate.ts';

/** Decode standard base64; null if it is none. */
export function bytesOf(base64: string): Uint8Array | null {
  try {
    return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  } catch {
    return null;
  }
}

/** Eight bytes a line, which fits the panel: offset, hex, text. At most `limit` bytes are written. */
export function hexDump(bytes: Uint8Array, limit = 4_096): string {
  const lines: string[] = [];
  const end = Math.min(bytes.length, limit);
  for (let offset = 0; offset < end; offset += 8) {
    const row = bytes.subarray(offset, Math.min(offset + 8, end));
    const hex = Array.from(row, (byte) => byte.toString(16).padStart(2, '0'));
    const text = Array.from(row, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
    lines.push(`${offset.toString(16).padStart(6, '0')}  ${hex.join(' ').padEnd(23)}  ${text}`);
  }
  if (bytes.length > end) lines.push(t('… and {n, number} more bytes', { n: bytes.length - end }));
  return lines.join('\n');
}
