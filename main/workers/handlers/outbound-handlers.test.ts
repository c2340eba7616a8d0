import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError, MissingSettingError, NotRetryableError, RetryableError } from '../../../shared/errors.ts';
import { EventCatalogue } from '../../../shared/event-catalogue/index.ts';
import { SiteConfig } from '../../config/site-config.ts';
import { type AttemptDouble, attemptDouble } from './attempt-double.ts';
import { builtInHandlers, type HandlerSettings } from './index.ts';

let server: Server;
let base: string;
let requests: { path: string; headers: IncomingMessage['headers']; body: Record<string, unknown> }[];
let respond: (response: ServerResponse) => void;
beforeEach(async () => {
  requests = [];
  respond = (response) => void response.writeHead(202).end('{"id":"x-1"}');
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    requests.push({ path: request.url ?? '', headers: request.headers, body: JSON.parse(body) as Record<string, unknown> });
    respond(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

function settingsOf(config: unknown): HandlerSettings {
  return {
    config: SiteConfig.parse(config),
    path: (path) => path,
    secret: (ref, setting) => {
      if ('env' in ref && ref.env === 'GONE') throw new ConfigError(setting, 'the environment variable GONE is not set', 'a variable that holds the secret');
      return 'the-secret';
    },
    pool: {} as HandlerSettings['pool'],
    rules: { all: async () => [] },
    backup: () => Promise.reject(new Error('no backup is made here')),
    backupFolder: '/nowhere',
  };
}

async function run<Input>(config: unknown, jobType: string, input: Input, recorded?: Map<string, unknown>): Promise<AttemptDouble<Input>> {
  const attempt = attemptDouble(jobType, input, recorded ? { recorded } : {});
  const handler = builtInHandlers(settingsOf(config)).get(jobType);
  if (!handler) throw new Error(`no handler for ${jobType}`);
  await handler(attempt);
  const events = new EventCatalogue();
  for (const { eventType, data } of attempt.emitted) expect(events.check({ eventType, eventVersion: '1.0', data })).toEqual({ verdict: 'valid' });
  return attempt;
}

describe('SendOutgoingMessageJob by webhook', () => {
  const config = () => ({ channels: { ops: { kind: 'webhook', url: `${base}/hook`, headers: { Authorization: { env: 'TOKEN' } } } } });
  const input = { channel: 'ops', to: 'desk', subject: 'Hi', body: 'Text' };

  it('posts the message and tells what was sent', async () => {
    const { emitted, idempotencyKey, job } = await run(config(), 'SendOutgoingMessageJob', input);
    expect(requests).toMatchObject([{ path: '/hook', headers: { authorization: 'the-secret', 'idempotency-key': idempotencyKey }, body: { to: 'desk', subject: 'Hi', body: 'Text', correlationId: job.correlationId } }]);
    expect(emitted).toEqual([{ eventType: 'communication.MessageSent', data: { channel: 'ops', to: 'desk', externalId: 'x-1', idempotencyKey } }]);
  });

  it('does not send again what an earlier attempt has sent', async () => {
    const { recorded } = await run(config(), 'SendOutgoingMessageJob', input);
    const again = await run(config(), 'SendOutgoingMessageJob', input, recorded);
    expect(requests).toHaveLength(1);
    expect(again.emitted).toHaveLength(1);
  });

  it('fails without a word of the secret', async () => {
    respond = (response) => void response.writeHead(400).end('bad token the-secret');
    const running = run(config(), 'SendOutgoingMessageJob', input);
    await expect(running).rejects.toThrow(NotRetryableError);
    await expect(running).rejects.toThrow('channels.ops.url answered HTTP 400: bad token ***');
  });

  it('names the channel or the secret that is not configured', async () => {
    await expect(run({}, 'SendOutgoingMessageJob', input)).rejects.toThrow(expect.objectContaining({ constructor: MissingSettingError, setting: 'channels.ops' }) as Error);
    await expect(run(config(), 'SendOutgoingMessageJob', { ...input, channel: 'constructor' })).rejects.toThrow(MissingSettingError);
    const gone = { channels: { ops: { kind: 'webhook', url: base, headers: { 'X-Key': { env: 'GONE' } } } } };
    const running = run(gone, 'SendOutgoingMessageJob', input);
    await expect(running).rejects.toThrow(NotRetryableError);
    await expect(running).rejects.toThrow('channels.ops.headers.X-Key');
  });
});

describe('SendOutgoingMessageJob by SMTP', () => {
  let smtp: SMTPServer;
  let mails: string[];
  let recipientAnswer: Error | null;
  beforeEach(async () => {
    mails = [];
    recipientAnswer = null;
    smtp = new SMTPServer({
      disabledCommands: ['STARTTLS'],
      authOptional: true,
      allowInsecureAuth: true,
      onAuth: ({ password }, _session, done) => (password === 'the-secret' ? done(null, { user: 'u' }) : done(new Error('no'))),
      onRcptTo: (_address, _session, done) => done(recipientAnswer),
      onData: (stream, _session, done) => {
        let text = '';
        stream.on('data', (chunk: Buffer) => { text += chunk.toString(); });
        stream.on('end', () => {
          mails.push(text);
          done();
        });
      },
    });
    await new Promise<void>((resolve) => smtp.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => new Promise<void>((resolve) => smtp.close(() => resolve())));
  const port = (): number => (smtp.server.address() as AddressInfo).port;
  const config = (extra: Record<string, unknown> = {}) => ({ channels: { mail: { kind: 'smtp', host: '127.0.0.1', port: port(), from: 'Desk <desk@example.org>', ...extra } } });
  const input = { channel: 'mail', to: 'ada@example.org', subject: 'Hi', body: 'Text' };
  const answer = (code: number): Error => Object.assign(new Error('mailbox trouble'), { responseCode: code });

  it('sends one mail with a Message-ID made of the idempotency key', async () => {
    const { emitted, idempotencyKey } = await run(config({ user: 'u', password: { env: 'P' } }), 'SendOutgoingMessageJob', input);
    expect(mails).toHaveLength(1);
    expect(mails[0]).toContain(`Message-ID: <${idempotencyKey}@example.org>`);
    expect(mails[0]).toContain(`Idempotency-Key: ${idempotencyKey}`);
    expect(emitted[0]?.data).toMatchObject({ externalId: `<${idempotencyKey}@example.org>` });
  });

  it.each([[550, NotRetryableError], [451, RetryableError]])('reads an answer of %i', async (code, expected) => {
    recipientAnswer = answer(code);
    const running = run(config(), 'SendOutgoingMessageJob', input);
    await expect(running).rejects.toThrow(expected);
    await expect(running).rejects.toThrow('channels.mail.host');
  });

  it('tries again when the server is away', async () => {
    await expect(run(config({ port: 1 }), 'SendOutgoingMessageJob', input)).rejects.toThrow(RetryableError);
  });
});

describe('gateways', () => {
  it('asks for a call and a fax', async () => {
    const config = { gateways: { telephony: { url: `${base}/calls`, token: { env: 'T' } }, fax: { url: `${base}/faxes` } } };
    const call = await run(config, 'PlaceCallJob', { to: '+49', announcement: 'Hello' });
    const fax = await run(config, 'SendFaxJob', { to: '+48', text: 'T' });
    expect(requests).toMatchObject([
      { path: '/calls', headers: { authorization: 'Bearer the-secret', 'idempotency-key': call.idempotencyKey }, body: { to: '+49', announcement: 'Hello' } },
      { path: '/faxes', body: { to: '+48', text: 'T' } },
    ]);
    expect(call.emitted[0]).toMatchObject({ eventType: 'communication.CallPlaced', data: { to: '+49', gatewayCallId: 'x-1' } });
    expect(fax.emitted[0]).toMatchObject({ eventType: 'communication.FaxSent', data: { to: '+48', gatewayFaxId: 'x-1' } });
  });

  it('names the gateway that is not configured', async () => {
    await expect(run({}, 'PlaceCallJob', { to: '+49' })).rejects.toThrow(expect.objectContaining({ setting: 'gateways.telephony' }) as Error);
    await expect(run({}, 'SendFaxJob', { to: '+49', text: 'T' })).rejects.toThrow(expect.objectContaining({ setting: 'gateways.fax' }) as Error);
    await expect(run({ gateways: { fax: { url: base } } }, 'SendFaxJob', { to: '+49' })).rejects.toThrow('input.documentUrl');
  });
});

describe('ExecuteLLMQueryJob', () => {
  const config = () => ({ llm: { url: `${base}/v1/`, model: 'small', apiKey: { env: 'K' } } });

  it('asks in the way of OpenAI and gives the answer', async () => {
    respond = (response) => void response.end(JSON.stringify({ model: 'small-2', choices: [{ message: { role: 'assistant', content: 'Yes.' } }], usage: { prompt_tokens: 3, completion_tokens: 1 } }));
    const { emitted } = await run(config(), 'ExecuteLLMQueryJob', { prompt: 'Well?', system: 'Be brief.', maxTokens: 5 });
    expect(requests).toMatchObject([{
      path: '/v1/chat/completions', headers: { authorization: 'Bearer the-secret' },
      body: { model: 'small', max_tokens: 5, messages: [{ role: 'system', content: 'Be brief.' }, { role: 'user', content: 'Well?' }] },
    }]);
    expect(emitted).toMatchObject([{ eventType: 'ai.ResponseGenerated', data: { response: 'Yes.', model: 'small-2', promptTokens: 3, completionTokens: 1 } }]);
  });

  it('names the setting when it is missing or answers something else', async () => {
    await expect(run({}, 'ExecuteLLMQueryJob', { prompt: 'x' })).rejects.toThrow(expect.objectContaining({ setting: 'llm' }) as Error);
    respond = (response) => void response.end('{"error":"loading"}');
    await expect(run(config(), 'ExecuteLLMQueryJob', { prompt: 'x' })).rejects.toThrow('llm.url answered with something else');
  });
});
