/** Change the settings of a group: what changes, from what to what, and from when on, before it is done. */
import { Button, Switch, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import type { ReactElement } from 'react';
import { t } from '../../shared/i18n/translate.ts';
import type { SiteSettings } from '../../shared/operator-api/index.ts';
import { type SettingDefinition, type SettingGroup, SITE_SETTINGS } from '../../shared/site-settings.ts';
import { api, queryClient } from '../app/connection/client.ts';
import { Section, SidePanel } from '../kit/page.tsx';
import { tellDone, tellError } from '../kit/toasts.tsx';
import { fieldOf, valueOf, valueWords } from './setting-words.ts';

interface GroupPanelProps {
  group: SettingGroup;
  title: string;
  settings: SiteSettings;
  onClose(): void;
}

/** Panel beside the settings. */
export function GroupPanel({ group, title, settings, onClose }: GroupPanelProps): ReactElement {
  const definitions = SITE_SETTINGS.filter((definition) => definition.group === group);
  const stateOf = (path: string): SiteSettings['settings'][number] | undefined => settings.settings.find((each) => each.path === path);
  const nameOf = (path: string): string => path.replaceAll('.', '/');
  const form = useForm<Record<string, string>>({ initialValues: { ...Object.fromEntries(definitions.map(({ path }) => [nameOf(path), fieldOf(stateOf(path)?.next ?? null)])), reason: '' } });
  const changes = definitions.flatMap((definition) => {
    const before = stateOf(definition.path)?.next ?? null;
    const value = valueOf(definition, form.values[nameOf(definition.path)] ?? '');
    return fieldOf(before) === fieldOf(value) ? [] : [{ definition, path: definition.path, before, value }];
  });
  const change = useMutation(
    api.settings.change.mutationOptions({
      onSuccess: () => {
        tellDone(t('The file is changed'), t('It rules from the next start of the services.'));
        void queryClient.invalidateQueries({ queryKey: api.settings.key() });
      },
      onError: (error) => tellError(t('Nothing was changed'), error),
    }),
  );
  return (
    <SidePanel label={t('Settings')} title={title} onClose={onClose}>
      <form
        className="action-panel"
        // What is given to mutate is called while this panel is there only: another one that was opened meanwhile stays.
        onSubmit={form.onSubmit(({ reason = '' }) => change.mutate({ changes: changes.map(({ path, value }) => ({ path, value })), ...(reason.trim() === '' ? {} : { reason: reason.trim() }) }, { onSuccess: onClose }))}
      >
        {definitions.map((definition) => (
          <SettingField key={definition.path} definition={definition} locked={stateOf(definition.path)?.from === 'environment'} props={form.getInputProps(nameOf(definition.path))} />
        ))}
        {changes.length === 0 ? (
          <p className="quiet">{t('Nothing is changed yet. An empty field takes the setting out of the file, and its default rules.')}</p>
        ) : (
          <Section title={t('What changes')}>
            <ul className="setting-changes">
              {changes.map(({ definition, before, value }) => (
                <li key={definition.path}>
                  {t(definition.title)}: <span className="tone-failed">{valueWords(before)}</span> → <strong>{value === null ? t('the default') : valueWords(value)}</strong>
                </li>
              ))}
            </ul>
            <p className="quiet">{t('It is written into the file now and rules from the next start of the services.')}</p>
          </Section>
        )}
        <TextInput label={t('Reason')} description={t('Kept with the audit event')} maxLength={500} {...form.getInputProps('reason')} />
        <Button type="submit" loading={change.isPending} disabled={changes.length === 0 || settings.readOnly !== null}>
          {t('Change {n, plural, one {# setting} other {# settings}}', { n: changes.length })}
        </Button>
      </form>
    </SidePanel>
  );
}

interface FieldProps {
  value?: string;
  onChange: (value: string) => void;
}

function SettingField({ definition, locked, props: { value = '', onChange } }: { definition: SettingDefinition; locked: boolean; props: FieldProps }): ReactElement {
  const about = locked ? t('Set by the environment variable {variable}: change it there.', { variable: definition.variable ?? '' }) : t(definition.about);
  if (definition.kind === 'switch') return <Switch label={t(definition.title)} description={about} disabled={locked} checked={value === 'true'} onChange={(event) => onChange(String(event.currentTarget.checked))} />;
  return <TextInput label={t(definition.title)} description={about} disabled={locked} value={value} onChange={(event) => onChange(event.currentTarget.value)} inputMode={definition.kind === 'number' ? 'numeric' : 'text'} classNames={{ input: 'mono' }} />;
}
