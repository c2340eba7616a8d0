import { describe, expect, it } from 'vitest';
import { bytesOf, hexDump } from './raw-bytes.ts';

describe('hexDump', () => {
  it('writes offset, hex and text', () => {
    expect(hexDump(new Uint8Array([0x7b, 0x00, 0xff]))).toBe(`000000  7b 00 ff${' '.repeat(15)}  {..`);
    expect(hexDump(new Uint8Array(9)).split('\n')).toHaveLength(2);
  });
  it('says what it leaves out', () => expect(hexDump(new Uint8Array(40), 16)).toContain('and 24 more bytes'));
});

describe('bytesOf', () => {
  it('reads base64', () => expect([...(bytesOf('AAH/') ?? [])]).toEqual([0, 1, 255]));
  it('gives null for what is none', () => expect(bytesOf('*')).toBeNull());
});
