/** Values of settings as text, and back. Pure. */
import { message, t } from '../../shared/i18n/translate.ts';
import { formatCount } from '../kit/format.ts';
import type { SettingDefinition, SettingGroup, SettingValue } from '../../shared/site-settings.ts';

/** What each group of settings is called. */
export const GROUP_TITLES: Readonly<Record<SettingGroup, string>> = {
  connection: message('Connection'), retention: message('Retention'), workers: message('Workers'), backup: message('Backup'), telemetry: message('Telemetry export'), access: message('Access'),
};

/** As a person reads it. */
export function valueWords(value: SettingValue): string {
  if (value === null || value === '') return t('not set');
  if (typeof value === 'boolean') return value ? t('on') : t('off');
  if (Array.isArray(value)) return value.length === 0 ? t('none') : value.join(', ');
  return typeof value === 'number' ? formatCount(value) : value;
}

/** As it stands in a field of a form. */
export function fieldOf(value: SettingValue): string {
  return value === null ? '' : Array.isArray(value) ? value.join(', ') : String(value);
}

/** What a field means; an empty one takes the setting out of the file. */
export function valueOf({ kind }: Pick<SettingDefinition, 'kind'>, field: string): SettingValue {
  const text = field.trim();
  if (text === '') return null;
  if (kind === 'number') return Number.isFinite(Number(text)) ? Number(text) : text;
  if (kind === 'switch') return text === 'true';
  if (kind === 'list') return text.split(',').map((part) => part.trim()).filter(Boolean);
  return text;
}
