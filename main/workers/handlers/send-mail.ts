/** SMTP: one mail, with a Message-ID that is the same for every attempt, so that mail servers and readers can tell a repeat. */
import { isIP } from 'node:net';
import nodemailer from 'nodemailer';
import { messageOf, NotRetryableError, RetryableError } from '../../../shared/errors.ts';
import type { ChannelConfig } from '../../config/site-config.ts';

export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly body: string;
  readonly correlationId: string;
  readonly idempotencyKey: string;
}

type SmtpChannel = Extract<ChannelConfig, { kind: 'smtp' }>;

/**
 * Send by the channel's server; resolves to the Message-ID once the server has accepted it.
 * A password is never sent unencrypted to another machine.
 * @throws NotRetryableError when the server refuses for good (5xx), RetryableError when it may pass (4xx, no answer). Both name `setting`.
 */
export async function sendMail(channel: SmtpChannel, password: string | null, mail: Mail, setting: string, signal: AbortSignal): Promise<string> {
  signal.throwIfAborted();
  const messageId = `<${mail.idempotencyKey}@${messageIdDomain(channel.from)}>`;
  const transport = nodemailer.createTransport({
    host: channel.host,
    port: channel.port,
    secure: channel.secure,
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 20_000,
    // Content comes from events: it must not make us read files or fetch URLs.
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(password === null ? {} : { auth: { user: channel.user ?? channel.from, pass: password }, requireTLS: !channel.secure && !isThisMachine(channel.host) }),
  });
  const stop = (): void => transport.close();
  signal.addEventListener('abort', stop, { once: true });
  let abort: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
  });
  try {
    await Promise.race([
      transport.sendMail({
        from: channel.from,
        to: mail.to,
        subject: mail.subject,
        text: mail.body,
        messageId,
        headers: { 'Idempotency-Key': mail.idempotencyKey, 'X-Correlation-Id': mail.correlationId },
      }),
      aborted,
    ]);
    return messageId;
  } catch (error) {
    if (signal.aborted) throw error;
    throw smtpError(error, setting, password);
  } finally {
    signal.removeEventListener('abort', stop);
    if (abort) signal.removeEventListener('abort', abort);
    transport.close();
  }
}

function smtpError(error: unknown, setting: string, password: string | null): Error {
  const { responseCode, code } = error as { responseCode?: unknown; code?: unknown };
  const words = password === null ? messageOf(error) : messageOf(error).replaceAll(password, '***');
  const said = `${setting}: the mail was not accepted (${words}).`;
  // A wrong password or an address that is none will be the same next time.
  const forGood = (typeof responseCode === 'number' && responseCode >= 500) || code === 'EENVELOPE' && responseCode === undefined;
  return forGood ? new NotRetryableError(said, { cause: error }) : new RetryableError(said, { cause: error });
}

function messageIdDomain(from: string): string {
  return /@([A-Za-z0-9.-]+)/.exec(from)?.[1] ?? 'spine-console.invalid';
}

function isThisMachine(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
