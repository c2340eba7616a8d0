/** Settings: what rules now and where that comes from; changed in the configuration file, for the next start. */
import { Button, SegmentedControl } from '@mantine/core';
import { useMantineColorScheme } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { LANGUAGE_NAMES, LANGUAGES, t } from '../../shared/i18n/translate.ts';
import type { SettingState, SiteSettings } from '../../shared/operator-api/index.ts';
import { SETTING_GROUPS, type SettingDefinition, type SettingGroup, SITE_SETTINGS } from '../../shared/site-settings.ts';
import { api } from '../app/connection/client.ts';
import { useSiteStatus } from '../app/connection/connection-store.ts';
import { type LanguageChoice, useLanguage } from '../i18n/language-choice.ts';
import { Trans, Verbatim } from '../i18n/trans.tsx';
import { formatCount } from '../kit/format.ts';
import { ErrorNotice, SkeletonRows } from '../kit/notices.tsx';
import { Facts, Page, Section } from '../kit/page.tsx';
import { GroupPanel } from './group-panel.tsx';
import { GROUP_TITLES, valueWords } from './setting-words.ts';

const route = getRouteApi('/settings');

/** The page. */
export function SettingsPage(): ReactElement {
  const { group: openGroup } = route.useSearch();
  const navigate = route.useNavigate();
  const settings = useQuery(api.settings.get.queryOptions({ refetchInterval: 10_000 }));
  const open = (group: SettingGroup): void => void navigate({ search: { group } });
  const pending = settings.data?.settings.filter(isPending).length ?? 0;
  return (
    <Page
      title={t('Settings')}
      answer={pending > 0 ? t('{n, plural, one {# change waits} other {# changes wait}} for the next start of the services.', { n: pending }) : settings.data ? t('What stands in the file is what rules.') : ''}
      panel={openGroup && settings.data ? <GroupPanel key={openGroup} group={openGroup} title={t(GROUP_TITLES[openGroup])} settings={settings.data} onClose={() => void navigate({ search: {} })} /> : null}
    >
      {settings.error && !settings.data ? <ErrorNotice what={t('The settings could not be read')} error={settings.error} retry={() => void settings.refetch()} /> : null}
      {settings.data ? (
        <>
          <p className="settings-file">
            <Trans message="They stand in <file/>, which may be edited by hand as well." parts={{ file: <Verbatim text={settings.data.file} /> }} />
            {settings.data.readOnly === null ? null : <strong className="tone-retrying"> {t('It can’t be written by the services: change it by hand.')}</strong>}
          </p>
          {SETTING_GROUPS.map((group) => (
            <GroupSection key={group} group={group} settings={settings.data} onOpen={open} />
          ))}
        </>
      ) : (
        <SkeletonRows rows={16} />
      )}
      <Appearance />
    </Page>
  );
}

/** Without an address, the site brings its own. */
const EMBEDDED = new Set(['nats.url', 'database.url']);

const isPending = ({ running, next }: SettingState): boolean => JSON.stringify(running) !== JSON.stringify(next);

function GroupSection({ group, settings, onOpen }: { group: SettingGroup; settings: SiteSettings; onOpen(group: SettingGroup): void }): ReactElement {
  const title = t(GROUP_TITLES[group]);
  return (
    <Section
      title={title}
      aside={
        <Button variant="default" size="compact-xs" onClick={() => onOpen(group)} aria-label={t('Change: {title}', { title })}>
          {t('Change…')}
        </Button>
      }
    >
      <div className="table-scroll">
        <table className="table settings-table">
          <thead className="unseen"><tr><th>{t('Setting')}</th><th>{t('Value')}</th><th>{t('From')}</th></tr></thead>
          <tbody>
            {SITE_SETTINGS.filter((definition) => definition.group === group).map((definition) => (
              <SettingRow key={definition.path} definition={definition} state={settings.settings.find(({ path }) => path === definition.path)} />
            ))}
          </tbody>
        </table>
      </div>
      {group === 'telemetry' ? <Telemetry settings={settings} /> : null}
      {group === 'backup' ? <p className="quiet"><Link to="/backups">{t('Open the backups')}</Link></p> : null}
      {group === 'retention' ? <p className="quiet"><Link to="/streams">{t('Change a stream’s retention at once, with its consequence')}</Link></p> : null}
    </Section>
  );
}

function SettingRow({ definition, state }: { definition: SettingDefinition; state: SettingState | undefined }): ReactElement {
  return (
    <tr>
      <td title={t(definition.about)}>{t(definition.title)} <span className="quiet mono">{definition.path}</span></td>
      <td>
        {state === undefined ? '—' : state.running === null && EMBEDDED.has(definition.path) ? t('the embedded one') : valueWords(state.running)}
        {state !== undefined && isPending(state) ? <span className="tone-retrying"> → {t('{value} from the next start', { value: valueWords(state.next) })}</span> : null}
      </td>
      <td className="quiet">{state === undefined ? '' : fromWords(state.from, definition)}</td>
    </tr>
  );
}

function fromWords(from: SettingState['from'], { variable }: SettingDefinition): string {
  if (from === 'environment') return variable ?? t('environment');
  return from === 'file' ? t('file') : t('default');
}

function Telemetry({ settings }: { settings: SiteSettings }): ReactElement {
  const spans = useSiteStatus()?.telemetry.export;
  return (
    <Facts
      facts={[
        [t('Spans'), spans ? t('{sent} sent to {endpoint}, {dropped} dropped', { sent: formatCount(spans.sent), endpoint: spans.endpoint, dropped: formatCount(spans.dropped + spans.failed) }) : t('sent nowhere: OTEL_EXPORTER_OTLP_ENDPOINT is not set')],
        [t('Variables that are set'), settings.telemetry.filter(({ set }) => set).map(({ variable }) => variable).join(', ') || t('none')],
      ]}
    />
  );
}

function Appearance(): ReactElement {
  const { choice, choose } = useLanguage();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const languages: readonly LanguageChoice[] = [...LANGUAGES, 'auto'];
  return (
    <Section title={t('This console')} aside={<span className="quiet">{t('kept in this browser or app, not in the site')}</span>}>
      <div className="settings-own">
        <span>{t('Language')}</span>
        <SegmentedControl aria-label={t('Language')} value={choice} onChange={(next) => choose(languages.find((each) => each === next) ?? 'auto')} data={languages.map((value) => ({ value, label: value === 'auto' ? t('As the system') : LANGUAGE_NAMES[value] }))} />
        <span>{t('Colour scheme')}</span>
        <SegmentedControl
          aria-label={t('Colour scheme')}
          value={colorScheme}
          onChange={(next) => setColorScheme(next === 'light' || next === 'dark' ? next : 'auto')}
          data={[{ value: 'light', label: t('Light') }, { value: 'dark', label: t('Dark') }, { value: 'auto', label: t('As the system') }]}
        />
        <span>{t('Alerts')}</span>
        <Link to="/alerts">{t('What you want to be told, and how')}</Link>
      </div>
    </Section>
  );
}
