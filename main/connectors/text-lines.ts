/** Lines of a file with their numbers and byte offsets, so that reading can go on in the middle of a large one. */
import { createReadStream } from 'node:fs';

export interface TextLine {
  /** Without its line end and, on line 1, without a byte order mark. */
  readonly text: string;
  /** 1 for the first. */
  readonly number: number;
  /** Offset of the byte after its line end: where the next line begins. */
  readonly endByte: number;
}

/** Where to begin: `line` is the number of the line that begins at `byte`. */
export interface LineStart {
  readonly line: number;
  readonly byte: number;
}

/** Longest line, bytes. A longer one is cut there, so that a file without line ends can't fill the memory. */
export const LONGEST_LINE = 8 * 1_048_576;

const LF = 0x0a;
const BYTE_ORDER_MARK = '\uFEFF';

/** Lines end with LF or CR LF. Text is UTF-8; bytes that are none become U+FFFD. */
export async function* linesOf(file: string, start: LineStart, signal: AbortSignal): AsyncGenerator<TextLine, void, void> {
  let number = start.line;
  let endByte = start.byte;
  let parts: Buffer[] = [];
  let length = 0;
  const take = (withLineEnd: boolean): TextLine => {
    const bytes = parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
    endByte += bytes.length + (withLineEnd ? 1 : 0);
    parts = [];
    length = 0;
    let text = bytes.toString('utf8');
    if (text.endsWith('\r')) text = text.slice(0, -1);
    if (number === 1 && text.startsWith(BYTE_ORDER_MARK)) text = text.slice(1);
    return { text, number: number++, endByte };
  };
  const stream = createReadStream(file, { start: start.byte, signal, highWaterMark: 262_144 });
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      let from = 0;
      for (let at = chunk.indexOf(LF, from); at !== -1; at = chunk.indexOf(LF, from)) {
        parts.push(chunk.subarray(from, at));
        from = at + 1;
        yield take(true);
      }
      const rest = chunk.subarray(from);
      if (rest.length > 0) {
        parts.push(rest);
        length += rest.length;
      }
      if (length > LONGEST_LINE) yield take(false);
    }
    if (length > 0) yield take(false);
  } finally {
    stream.destroy();
  }
}
