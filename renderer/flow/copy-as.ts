/**
 * An event as something that publishes one like it: a new event with the same type, source, payload and correlation. The id, the time and the cause are
 * left out: an event with an id that the bus has seen would be dropped.
 */
import type { EventDetail } from '../../shared/operator-api/index.ts';

type Envelope = EventDetail['envelope'];

interface Copied {
  readonly eventType: string;
  readonly source: string;
  readonly correlationId: string;
  readonly data: unknown;
}

function copied(envelope: Envelope): Copied {
  const { eventType, source, correlationId, data } = envelope as Partial<Copied>;
  return { eventType: String(eventType), source: String(source), correlationId: String(correlationId), data: data ?? {} };
}

/** For a POSIX shell: nothing in single quotes is special but the quote itself. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A command line for the HTTP intake. `origin`: the address of the headless host. The token is read from the environment, never written here. */
export function asCurl(envelope: Envelope, origin: string): string {
  return [
    `curl -X POST ${origin}/api/events`, `  -H "authorization: Bearer $SPINE_TOKEN" -H 'content-type: application/json'`, `  -d ${quoted(JSON.stringify(copied(envelope)))}`,
  ].join(' \\\n');
}

/** For the nats CLI: the whole envelope, since the bus takes no less, with an id and a time that the shell makes. */
export function asNatsCli(envelope: Envelope): string {
  const { eventType, ...rest } = copied(envelope);
  const body = JSON.stringify({ eventId: '@ID', eventType, eventVersion: String(envelope.eventVersion ?? '1.0'), timestamp: '@NOW', ...rest });
  return [
    'ID=$(uuidgen | tr A-Z a-z)', 'NOW=$(date -u +%Y-%m-%dT%H:%M:%S.000Z)',
    `nats pub ${eventType} --jetstream -H "Nats-Msg-Id:$ID" ${quoted(body).replace('@ID', `'"$ID"'`).replace('@NOW', `'"$NOW"'`)}`,
  ].join('\n');
}

/** For a service in TypeScript, with the NATS client. */
export function asTypeScript(envelope: Envelope): string {
  const { eventType, source, correlationId, data } = copied(envelope);
  return `import { jetstream } from '@nats-io/jetstream';

const event = {
  eventId: crypto.randomUUID(),
  eventType: ${JSON.stringify(eventType)},
  eventVersion: ${JSON.stringify(String(envelope.eventVersion ?? '1.0'))},
  timestamp: new Date().toISOString(),
  source: ${JSON.stringify(source)},
  correlationId: ${JSON.stringify(correlationId)},
  data: ${JSON.stringify(data, null, 2).replaceAll('\n', '\n  ')},
};
// \`connection\`: of a NATS client with the site's credentials.
await jetstream(connection).publish(event.eventType, JSON.stringify(event), { msgID: event.eventId });
`;
}
