/** Users, permissions and configuration file of the embedded NATS server. Pure text; nats-server.ts does the I/O. */

/** What the users may do; admin may do all. */
const SERVICE_DENIED = [
  // deny_delete and deny_purge on a stream don't stop these: only the user's permissions do.
  '$JS.API.STREAM.DELETE.*',
  '$JS.API.STREAM.UPDATE.*',
  '$JS.API.STREAM.PURGE.*',
  '$JS.API.STREAM.MSG.DELETE.*',
  '$JS.API.STREAM.RESTORE.*',
  // What the server alone says: that an event is stored.
  '_stored.>',
];
const READ_ONLY_PUBLISH = [
  '$JS.API.INFO',
  '$JS.API.STREAM.INFO.*',
  '$JS.API.STREAM.NAMES',
  '$JS.API.STREAM.LIST',
  '$JS.API.STREAM.MSG.GET.*',
  '$JS.API.CONSUMER.CREATE.>',
  '$JS.API.CONSUMER.INFO.>',
  '$JS.API.CONSUMER.NAMES.*',
  '$JS.API.CONSUMER.LIST.*',
  '$JS.API.CONSUMER.MSG.NEXT.>',
  '$JS.API.CONSUMER.DELETE.>',
  '$JS.API.DIRECT.GET.>',
  '$JS.FC.>',
  '$JS.ACK.>',
  '_INBOX.>',
];

export interface NatsConfig {
  port: number;
  /** Absolute paths. */
  storeDir: string;
  pidFile: string;
  logFile: string;
  /** Most that all streams together may take on disk, in bytes. */
  maxStoreBytes: number;
  /** Public nkeys ("U…"). */
  users: { admin: string; service: string; readOnly: string };
}

/** Largest message in bytes: a raw record of a connector fits, a file does not. */
export const MAX_PAYLOAD_BYTES = 8 * 1024 * 1024;
const LOG_FILE_BYTES = 10 * 1024 * 1024;
const LOG_FILES_KEPT = 5;

/** The configuration file's text. JSON strings are valid NATS strings, `$` and backslashes included. */
export function natsConfigText(config: NatsConfig): string {
  const text = (value: string): string => JSON.stringify(value);
  const list = (values: readonly string[]): string => `[${values.map(text).join(', ')}]`;
  return `# Written by Spine Console at every start: changes made here are lost.
server_name: spine-embedded
listen: ${text(`127.0.0.1:${config.port}`)}
max_payload: ${MAX_PAYLOAD_BYTES}
pid_file: ${text(config.pidFile)}
log_file: ${text(config.logFile)}
logfile_size_limit: ${LOG_FILE_BYTES}
logfile_max_num: ${LOG_FILES_KEPT}
jetstream {
  store_dir: ${text(config.storeDir)}
  max_file: ${config.maxStoreBytes}
  # A power cut must not take acknowledged events: with the default of two minutes it took more than half of them.
  sync_interval: always
}
# No monitoring port: it has no authentication. No no_auth_user: every connection shows a key.
authorization {
  users: [
    { nkey: ${config.users.admin} }
    { nkey: ${config.users.service}, permissions: { publish: { deny: ${list(SERVICE_DENIED)} } } }
    { nkey: ${config.users.readOnly}, permissions: { publish: { allow: ${list(READ_ONLY_PUBLISH)} }, subscribe: { allow: [">"] } } }
  ]
}
`;
}
