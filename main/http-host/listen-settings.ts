/** Where the headless host listens, and what it needs for that: outside loopback, a certificate and a token. */
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { createSecureContext } from 'node:tls';
import type { TokenStore } from '../access/token-store.ts';
import type { LoadedConfig } from '../config/load-config.ts';
import { ConfigError, messageOf } from '../../shared/errors.ts';

export interface ListenSettings {
  /** Address to bind. */
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** PEM texts; null serves plain HTTP. */
  readonly tls: { readonly cert: string; readonly key: string } | null;
  /** Names by which browsers call this host beside loopback; the first stands in links. */
  readonly names: readonly string[];
}

/** @throws ConfigError for a certificate that can't be used, and for an address others can reach without TLS, names or a token. */
export function listenSettings({ config, path }: Pick<LoadedConfig, 'config' | 'path'>, tokens: TokenStore): ListenSettings {
  const { host, port, tls: files, names } = config.http;
  const read = (setting: string, file: string): string => {
    try {
      return readFileSync(path(file), 'utf8');
    } catch (cause) {
      throw new ConfigError(setting, `${file} can't be read (${messageOf(cause)})`, 'a readable PEM file', { cause });
    }
  };
  const tls = files ? { cert: read('http.tls.certificate', files.certificate), key: read('http.tls.key', files.key) } : null;
  if (tls) {
    try {
      createSecureContext(tls);
    } catch (cause) {
      throw new ConfigError('http.tls', `certificate and key can't be used (${messageOf(cause)})`, 'a PEM certificate (with its chain) and the key that belongs to it', { cause });
    }
  }
  if (isLoopback(host)) return { host, port, tls, names };
  if (!tls) throw new ConfigError('http.host', `${host} can be reached from other machines, and tokens would travel in the clear`, 'http.tls with a certificate and its key, or 127.0.0.1');
  if (tokens.list().length === 0) throw new ConfigError('http.host', `${host} can be reached from other machines, and there is no access token yet`, 'a token: run `spine tokens create <name> --role admin` first');
  const all = isIP(host) !== 0 && !isWildcard(host) ? [...names, host.includes(':') ? `[${host}]` : host] : names;
  if (all.length === 0) throw new ConfigError('http.names', `is empty, and ${host} says no name by which browsers could call this host`, 'the names in the certificate, such as [spine.example.org]');
  return { host, port, tls, names: all };
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}
