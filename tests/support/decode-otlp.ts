/**
 * Reads OTLP as a backend does: by the message types that OpenTelemetry's own transformer is generated with (versions up to 0.203 ship them; later ones
 * only write). What does not fit them is an error; ids, which OTLP/JSON writes in hex, are held to their length.
 */
import root from 'otlp-decoder/build/src/generated/root.js';
import type { OtlpTrace } from '../../shared/trace-to-otlp.ts';

interface MessageType {
  verify(message: object): string | null;
  fromObject(object: object): object;
  encode(message: object): { finish(): Uint8Array };
  decode(bytes: Uint8Array): object;
  toObject(message: object, options: object): object;
}
const { ExportTraceServiceRequest } = (root as unknown as { opentelemetry: { proto: { collector: { trace: { v1: { ExportTraceServiceRequest: MessageType } } } } } }).opentelemetry.proto.collector.trace.v1;

const LENGTHS: Readonly<Record<string, number>> = { traceId: 16, spanId: 8, parentSpanId: 8 };

/** @param json body of a request to /v1/traces. @returns it as decoded from the wire. @throws Error naming what does not fit. */
export function decodeOtlp(json: string): OtlpTrace {
  const request = JSON.parse(json, (key, value: unknown) => (key in LENGTHS && typeof value === 'string' ? idBytes(key, value) : value)) as object;
  const message = ExportTraceServiceRequest.fromObject(request);
  const problem = ExportTraceServiceRequest.verify(message);
  if (problem !== null) throw new Error(`no ExportTraceServiceRequest: ${problem}`);
  const unknown = unknownFields(request, ExportTraceServiceRequest.toObject(message, { longs: String }));
  if (unknown.length > 0) throw new Error(`fields that OTLP does not know: ${unknown.join(', ')}`);
  const decoded = ExportTraceServiceRequest.decode(ExportTraceServiceRequest.encode(message).finish());
  const plain = ExportTraceServiceRequest.toObject(decoded, { longs: String, enums: Number, arrays: true });
  return JSON.parse(JSON.stringify(plain, (key, value: unknown) => (key in LENGTHS ? hex(value) : value))) as OtlpTrace;
}

function idBytes(key: string, value: string): Buffer {
  const bytes = Buffer.from(value, 'hex');
  if (value !== '' && (bytes.length !== LENGTHS[key] || bytes.toString('hex') !== value)) throw new Error(`${key}: "${value}" is no id of ${LENGTHS[key]} bytes in lower-case hex`);
  return bytes;
}

/** A Buffer has become { type, data } by the time that JSON.stringify hands it over. */
function hex(value: unknown): unknown {
  const bytes = value instanceof Uint8Array ? value : Array.isArray((value as { data?: unknown } | null)?.data) ? Uint8Array.from((value as { data: number[] }).data) : null;
  return bytes === null ? value : Buffer.from(bytes).toString('hex');
}

/** Paths of fields that were left out on the way into the message. */
function unknownFields(given: unknown, kept: unknown, path = ''): string[] {
  if (typeof given !== 'object' || given === null || Buffer.isBuffer(given)) return [];
  return Object.entries(given).flatMap(([key, value]) => {
    const here = path === '' ? key : `${path}.${key}`;
    const inner = (kept as Record<string, unknown> | undefined)?.[key];
    if (inner === undefined) return value === undefined || value === null || (Array.isArray(value) && value.length === 0) || value === 0 || value === '' ? [] : [here];
    return unknownFields(value, inner, here);
  });
}
