/**
 * Publish one event straight onto the bus, with nothing but a NATS client.
 *
 *   node examples/publish.ts [data folder]
 *
 * The headless host writes run/site.json into its data folder: the bus's URL and the file with an nkey seed. Without
 * it, SPINE_NATS_URL and SPINE_NATS_CREDENTIALS (an nkey seed file) say the same.
 */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { jetstream } from '@nats-io/jetstream';
import { connect, headers, nkeyAuthenticator } from '@nats-io/transport-node';

const [dataFolder] = process.argv.slice(2);
const { natsUrl, natsSeedFile } = dataFolder
  ? (JSON.parse(readFileSync(join(dataFolder, 'run', 'site.json'), 'utf8')) as { natsUrl: string; natsSeedFile: string | null })
  : { natsUrl: process.env.SPINE_NATS_URL ?? 'nats://127.0.0.1:4222', natsSeedFile: process.env.SPINE_NATS_CREDENTIALS ?? null };

const connection = await connect({
  servers: new URL(natsUrl).host,
  name: 'examples/publish',
  ...(natsSeedFile ? { authenticator: nkeyAuthenticator(new TextEncoder().encode(readFileSync(natsSeedFile, 'utf8').trim())) } : {}),
});

// The envelope. A first event's correlation is its own id.
const eventId = randomUUID();
const event = {
  eventId,
  eventType: 'communication.CallStarted',
  eventVersion: '1.0',
  timestamp: new Date().toISOString(),
  source: 'examples.publish',
  correlationId: eventId,
  data: { callId: 'example-1', from: '+49 30 23125 018', to: '+49 30 5550 100', direction: 'inbound', customer: { id: 'c-1', name: 'Ada Brandt', tier: 'vip' } },
};

// With Nats-Msg-Id the server drops a repeat of the same event.
const meta = headers();
meta.set('Nats-Msg-Id', eventId);
// The subject is the event's type. The answer comes once the event is stored.
const stored = await jetstream(connection).publish(event.eventType, JSON.stringify(event), { headers: meta });
process.stdout.write(`stored ${event.eventType} as number ${stored.seq} of ${stored.stream}; correlation ${eventId}\n`);
await connection.close();
