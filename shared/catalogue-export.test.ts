import asyncapi from '@asyncapi/specs/schemas/3.0.0-without-$id.json' with { type: 'json' };
import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { createEvent } from './envelope.ts';
import { asyncApiOf, schemaBundleOf } from './catalogue-export.ts';
import { defineEvent, EventCatalogue } from './event-catalogue/index.ts';
import { JobCatalogue } from './job-catalogue/index.ts';

const newer = defineEvent({ type: 'communication.CallStarted', version: '2.0', description: 'A call rings.', schema: z.looseObject({ caller: z.string() }), example: { caller: '+49' } });
const events = new EventCatalogue([newer]).all();
const catalogue = { site: 'workshop-3', version: '0.1.0', events, jobs: new JobCatalogue().all() };

describe('the AsyncAPI document', () => {
  const document = asyncApiOf(catalogue);

  it('is valid by the schema of AsyncAPI 3.0', () => {
    const validate = new Ajv({ strict: false, allErrors: true, validateFormats: false }).compile(asyncapi);
    validate(document);
    expect(validate.errors).toBeNull();
    // The schema does find mistakes.
    expect(validate({ ...document, operations: { x: { action: 'receives' } } })).toBe(false);
  });

  it('has no reference that leads nowhere', () => {
    const refs = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path]) => path ?? '');
    expect(refs.length).toBeGreaterThan(events.length * 4);
    const broken = refs.filter((path) => path.split('/').reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], document) === undefined);
    expect(broken).toEqual([]);
  });

  it('has a message for each version of a type, on its subject', () => {
    expect(document.channels).toMatchObject({ 'communication.CallStarted': { address: 'communication.CallStarted', messages: { 'communication.CallStarted-1.0': {}, 'communication.CallStarted-2.0': {} } } });
    expect(document.operations).toMatchObject({
      'receive.communication.CallStarted': { action: 'receive', summary: expect.stringContaining('RunRuleEngineJob') as string },
      'send.communication.MessageSent': { action: 'send', summary: 'Published by SendOutgoingMessageJob.' },
    });
    expect(document.operations).not.toHaveProperty(['send.communication.CallStarted']);
  });
});

describe('the bundle of JSON Schemas', () => {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  const validate = ajv.compile(schemaBundleOf(catalogue));

  it.each(events.map((event) => [`${event.type} ${event.version}`, event] as const))('takes the example of %s', (_name, { type, version, example }) => {
    expect(validate(createEvent({ eventType: type, eventVersion: version, source: 'test', data: example }))).toBe(true);
  });
  it('refuses what the site would set aside', () => {
    expect(validate(createEvent({ eventType: 'communication.CallStarted', eventVersion: '2.0', source: 'test', data: { caller: 7 } }))).toBe(false);
    expect(validate(createEvent({ eventType: 'communication.Unknown', source: 'test', data: {} }))).toBe(false);
    expect(validate({ ...createEvent({ eventType: 'communication.CallStarted', eventVersion: '2.0', source: 'test', data: { caller: '+49' } }), correlationId: 'none' })).toBe(false);
  });
});
