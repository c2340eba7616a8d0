/**
 * The event catalogue for other tools: as an AsyncAPI 3.0 document, and as a bundle of JSON Schemas. Pure: text and files are
 * made by whoever asks.
 */
import * as z from 'zod';
import { Envelope } from './envelope.ts';
import type { EventDefinition } from './event-catalogue/index.ts';
import type { JobDefinition } from './job-catalogue/index.ts';

type Json = Record<string, unknown>;

export interface ExportedCatalogue {
  readonly site: string;
  /** Version of the site's software. */
  readonly version: string;
  readonly events: readonly EventDefinition[];
  readonly jobs: readonly JobDefinition[];
}

/** Shape of something on the wire, without the line that names its dialect. */
function schemaOf(schema: z.ZodType, target: 'draft-7' | 'draft-2020-12'): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', target }) as Json;
  return rest;
}

/** Names of components may hold letters, digits, dots, dashes and underscores only. */
const nameOf = ({ type, version }: EventDefinition): string => `${type}-${version}`;
const isOf = (trigger: string, type: string): boolean => trigger === type || trigger === `${type.slice(0, type.indexOf('.'))}.*`;

/** An envelope whose type, version and payload are those of an event type. */
function envelopeOf({ type, version }: EventDefinition, envelope: string, data: string): Json {
  return { allOf: [{ $ref: envelope }, { type: 'object', properties: { eventType: { const: type }, eventVersion: { const: version }, data: { $ref: data } } }] };
}

/** An envelope as it could be on the bus, with the type's example in it. */
function exampleOf({ type, version, example }: EventDefinition): Json {
  const eventId = '3f1c6f0a-7a4e-4f0c-9c55-0d1f3f1c2b11';
  return { eventId, eventType: type, eventVersion: version, timestamp: '2026-11-24T12:04:31.204Z', source: 'example', correlationId: eventId, data: example };
}

/**
 * An AsyncAPI 3.0 document: a channel for each event type, which is its subject on the bus, with a message for each version.
 * The site receives what owes a job, and sends what its jobs may publish.
 */
export function asyncApiOf({ site, version, events, jobs }: ExportedCatalogue): Json {
  const byType = Map.groupBy(events, ({ type }) => type);
  const channels: Json = {};
  const operations: Json = {};
  for (const [type, versions] of byType) {
    channels[type] = {
      address: type,
      title: type,
      description: versions.at(-1)?.description,
      messages: Object.fromEntries(versions.map((event) => [nameOf(event), { $ref: `#/components/messages/${nameOf(event)}` }])),
    };
    const operation = (action: 'receive' | 'send', summary: string): Json => ({
      action, summary,
      channel: { $ref: `#/channels/${type}` },
      messages: versions.map((event) => ({ $ref: `#/channels/${type}/messages/${nameOf(event)}` })),
    });
    const owes = jobs.filter(({ triggers }) => triggers.some(({ event }) => isOf(event, type))).map((job) => job.type);
    if (owes.length > 0) operations[`receive.${type}`] = operation('receive', `Owes ${owes.join(', ')}.`);
    const from = jobs.filter(({ emits }) => emits?.includes(type) === true).map((job) => job.type);
    if (from.length > 0) operations[`send.${type}`] = operation('send', `Published by ${from.join(', ')}.`);
  }
  return {
    asyncapi: '3.0.0',
    info: { title: `Events of ${site}`, version, description: 'The body of a message is an envelope; its subject is the event type. Headers carry the CloudEvents 1.0 attributes in binary mode.' },
    defaultContentType: 'application/json',
    channels,
    operations,
    components: {
      messages: Object.fromEntries(
        events.map((event) => [
          nameOf(event),
          {
            name: event.type,
            title: `${event.type} ${event.version}`,
            summary: event.description,
            contentType: 'application/json',
            correlationId: { $ref: '#/components/correlationIds/correlation' },
            headers: { $ref: '#/components/schemas/Headers' },
            payload: envelopeOf(event, '#/components/schemas/Envelope', `#/components/schemas/${nameOf(event)}`),
            examples: [{ name: 'example', payload: exampleOf(event) }],
          },
        ]),
      ),
      correlationIds: { correlation: { description: 'The correlation that all events and jobs of one trace share.', location: '$message.payload#/correlationId' } },
      schemas: {
        Envelope: schemaOf(Envelope, 'draft-7'),
        Headers: {
          type: 'object',
          properties: Object.fromEntries(['Nats-Msg-Id', 'ce-specversion', 'ce-id', 'ce-type', 'ce-source', 'ce-time', 'ce-correlationid', 'ce-causationid', 'traceparent', 'tracestate'].map((name) => [name, { type: 'string' }])),
        },
        ...Object.fromEntries(events.map((event) => [nameOf(event), { description: event.description, ...schemaOf(event.schema, 'draft-7') }])),
      },
    },
  };
}

/** One JSON Schema (draft 2020-12) that holds for every event of the catalogue, with each type's payload under `$defs`. */
export function schemaBundleOf({ site, version, events }: ExportedCatalogue): Json {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: `urn:spine:${encodeURIComponent(site)}:events:${encodeURIComponent(version)}`,
    title: `Events of ${site}`,
    anyOf: events.map((event) => envelopeOf(event, '#/$defs/Envelope', `#/$defs/${nameOf(event)}`)),
    $defs: {
      Envelope: schemaOf(Envelope, 'draft-2020-12'),
      ...Object.fromEntries(events.map((event) => [nameOf(event), { title: `${event.type} ${event.version}`, description: event.description, ...schemaOf(event.schema, 'draft-2020-12'), examples: [event.example] }])),
    },
  };
}
