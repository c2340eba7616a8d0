/** The site's ways out, configured or not. Of secrets it is told where they come from and whether they are there, never what they are. */
import type { ChannelKind, ChannelRow } from '../../shared/operator-api/index.ts';
import { type Words, words } from '../../shared/i18n/translate.ts';
import { shownUrl } from '../connectors/fetch-source.ts';
import type { LoadedConfig } from '../config/load-config.ts';
import { SecretRef, type SiteConfig } from '../config/site-config.ts';

export interface ChannelSources {
  readonly config: SiteConfig;
  readonly secret: LoadedConfig['secret'];
}

const JOB_TYPES: Readonly<Record<ChannelKind, string>> = { webhook: 'SendOutgoingMessageJob', smtp: 'SendOutgoingMessageJob', telephony: 'PlaceCallJob', fax: 'SendFaxJob', llm: 'ExecuteLLMQueryJob' };

/** All channels of the configuration, then the gateways and the model, there or not. */
export function listChannels({ config, secret }: ChannelSources): { channels: ChannelRow[] } {
  const row = (setting: string, kind: ChannelKind, target: string | null, refs: readonly (readonly [part: string, value: unknown])[]): ChannelRow => {
    const secrets = refs.flatMap(([part, value]) => {
      const ref = SecretRef.safeParse(value);
      return ref.success ? [{ setting: `${setting}.${part}`, ...whereFrom(ref.data), present: isThere(secret, ref.data, `${setting}.${part}`) }] : [];
    });
    const absent = secrets.find(({ present }) => !present);
    return {
      setting, kind, target, secrets, jobType: JOB_TYPES[kind],
      configured: target !== null,
      missing: target === null ? notConfigured(setting, kind) : absent ? words('The secret {setting} can’t be read: {from} is not there.', { setting: absent.setting, from: absent.from }) : null,
    };
  };
  const channels = Object.entries(config.channels).map(([name, channel]) =>
    channel.kind === 'smtp'
      ? row(`channels.${name}`, 'smtp', `${channel.host}:${channel.port}`, [['password', channel.password]])
      : row(`channels.${name}`, 'webhook', shownUrl(channel.url), Object.entries(channel.headers).map(([header, value]) => [`headers.${header}`, value] as const)),
  );
  const missingKinds = (['webhook', 'smtp'] as const).filter((kind) => !channels.some((channel) => channel.kind === kind));
  const { telephony, fax } = config.gateways;
  return {
    channels: [
      ...channels,
      ...missingKinds.map((kind) => row('channels', kind, null, [])),
      row('gateways.telephony', 'telephony', telephony ? shownUrl(telephony.url) : null, [['token', telephony?.token]]),
      row('gateways.fax', 'fax', fax ? shownUrl(fax.url) : null, [['token', fax?.token]]),
      row('llm', 'llm', config.llm ? `${shownUrl(config.llm.url)} (${config.llm.model})` : null, [['apiKey', config.llm?.apiKey]]),
    ],
  };
}

function notConfigured(setting: string, kind: ChannelKind): Words {
  switch (kind) {
    case 'webhook':
      return words('Not configured. Add a channel with kind: webhook and a url under {setting}, and restart.', { setting });
    case 'smtp':
      return words('Not configured. Add a channel with kind: smtp, a host and a from address under {setting}, and restart.', { setting });
    case 'llm':
      return words('Not configured. Set llm.url and llm.model, and restart.');
    default:
      return words('Not configured. Set {setting}.url, and restart.', { setting });
  }
}

function whereFrom(ref: SecretRef): { from: string } {
  return { from: 'env' in ref ? `$${ref.env}` : ref.file };
}

function isThere(secret: LoadedConfig['secret'], ref: SecretRef, setting: string): boolean {
  try {
    return secret(ref, setting) !== '';
  } catch {
    return false;
  }
}
