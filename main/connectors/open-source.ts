import type { LoadedConfig } from '../config/load-config.ts';
import type { ConnectorConfig } from '../config/site-config.ts';
import { feedSource } from './feed-source.ts';
import { shownUrl } from './fetch-source.ts';
import { folderSource } from './folder-source.ts';
import { httpJsonSource } from './http-json-source.ts';
import { icalendarSource } from './icalendar-source.ts';
import type { Source } from './source.ts';

/** The source of a configured connector, by its kind. */
export function openSource(config: ConnectorConfig, { secret, path }: Pick<LoadedConfig, 'secret' | 'path'>): Source {
  switch (config.kind) {
    case 'folder':
      return folderSource(config, path(config.path));
    case 'http-json':
      return httpJsonSource(config, secret);
    case 'feed':
      return feedSource(config);
    case 'icalendar':
      return icalendarSource(config);
  }
}

/** Folder or URL as a person may see it, without credentials. */
export function targetOf(config: ConnectorConfig, path: LoadedConfig['path']): string {
  return config.kind === 'folder' ? path(config.path) : shownUrl(config.url);
}
