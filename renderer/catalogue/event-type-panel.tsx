/** One event type: what it says, who publishes it, what it triggers, and what of it does not fit. */
import { Button } from '@mantine/core';
import { IconSend } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { sayText, t } from '../../shared/i18n/translate.ts';
import type { CatalogueEvent, TypeUsage } from '../../shared/operator-api/index.ts';
import { api } from '../app/connection/client.ts';
import { openPublishForm } from '../flow/publish-form.tsx';
import { formatCount } from '../kit/format.ts';
import { EventType, JobType } from '../kit/ids.tsx';
import { JsonTree } from '../kit/json-tree.tsx';
import { ErrorNotice, SkeletonRows } from '../kit/notices.tsx';
import { Facts, Section, SidePanel } from '../kit/page.tsx';
import { UncataloguedSign } from '../kit/status.tsx';
import { Ago } from '../kit/time.tsx';
import type { CatalogueLine } from './catalogue-lines.ts';

/** Panel beside the list. */
export function EventTypePanel({ line, onClose }: { line: CatalogueLine; onClose(): void }): ReactElement {
  const { type, entries, usage } = line;
  const newest = entries.at(-1);
  const triggers = [...new Set(entries.flatMap((entry) => entry.triggers))];
  return (
    <SidePanel label={t('Event type')} title={<EventType type={type} />} onClose={onClose}>
      <p className="quiet panel-lead">{newest ? sayText(newest.description) : t('The catalogue does not know it: its payload is not checked. A plugin can bring its definition.')}</p>
      <div className="button-row">
        <Button leftSection={<IconSend size={14} />} onClick={() => openPublishForm(type, newest?.example)}>
          {t('Publish this')}
        </Button>
        <Button component={Link} to={`/flow?type=${encodeURIComponent(type)}`} variant="default">
          {t('Show in flow')}
        </Button>
      </div>
      <Usage usage={usage} />
      {usage && usage.drift.events > 0 ? <Drift type={type} usage={usage} /> : null}
      <Section title={t('Triggers')}>
        {triggers.length === 0 ? <p className="quiet">{t('No job.')}</p> : null}
        {triggers.map((trigger) => (
          <div key={trigger}>
            <Link to="/catalogue" search={{ tab: 'jobs', type: trigger }}><JobType type={trigger} /></Link>
          </div>
        ))}
      </Section>
      {[...entries].reverse().map((entry) => <Entry key={entry.version} entry={entry} />)}
    </SidePanel>
  );
}

function Usage({ usage }: { usage: TypeUsage | null }): ReactElement {
  if (usage === null) return <Section title={t('Use')}><p className="quiet">{t('None has come, as far back as the view goes.')}</p></Section>;
  return (
    <>
      <Section title={t('Use')}>
        <Facts
          facts={[
            [t('In the last 24 h'), t('{n, plural, one {# event} other {# events}}', { n: usage.lately })],
            [t('In all'), t('{n, plural, one {# event} other {# events}}', { n: usage.events })],
            [t('Came last'), <Ago key="last" at={usage.lastMs} says="ago" />],
            ...usage.versions.map(({ version, events, known }) => [t('version {version}', { version }), <span key={version}>{t('{n, plural, one {# event} other {# events}}', { n: events })} {known ? null : <UncataloguedSign />}</span>] as const),
          ]}
        />
      </Section>
      <Sources type={usage.type} />
    </>
  );
}

function Sources({ type }: { type: string }): ReactElement {
  const found = useQuery(api.catalogue.sources.queryOptions({ input: { type }, refetchInterval: 5_000 }));
  return (
    <Section title={t('Published by')}>
      {found.error ? <ErrorNotice what={t('The sources could not be read')} error={found.error} retry={() => void found.refetch()} /> : null}
      {found.data === undefined ? found.error ? null : <SkeletonRows rows={2} /> : found.data.sources.length === 0 ? <p className="quiet">{t('Nobody.')}</p> : (
        <table className="table">
          <thead><tr><th>{t('Source')}</th><th className="right">{t('Events')}</th><th className="right">{t('In 24 h')}</th><th>{t('Last')}</th></tr></thead>
          <tbody>
            {found.data.sources.map(({ source, events, lately, lastMs }) => (
              <tr key={source}>
                <td><Link to="/flow" search={{ type, source }}>{source}</Link></td>
                <td className="right num">{formatCount(events)}</td>
                <td className="right num">{formatCount(lately)}</td>
                <td><Ago at={lastMs} says="ago" /></td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {found.data && found.data.total > found.data.sources.length ? <p className="quiet">{t('The first {n} are shown.', { n: formatCount(found.data.sources.length) })}</p> : null}
    </Section>
  );
}

function Drift({ type, usage }: { type: string; usage: TypeUsage }): ReactElement {
  const drift = useQuery(api.setAside.drift.queryOptions({ input: { type }, refetchInterval: 10_000 }));
  return (
    <Section title={t('Does not fit')} aside={<Link to="/set-aside" search={{ reason: 'bad-payload' }}>{t('All set aside')}</Link>}>
      <p>{t('{n, plural, one {# event of this type was} other {# events of this type were}} set aside: the payload does not fit its schema. {lately} in the last 24 h.', { n: usage.drift.events, lately: formatCount(usage.drift.lately) })}</p>
      {drift.error ? <ErrorNotice what={t('Examples could not be read')} error={drift.error} retry={() => void drift.refetch()} /> : null}
      <ul className="effects">
        {drift.data?.examples.map((example) => (
          <li key={example.id}>
            <Link to="/set-aside" search={{ message: example.id }} className="effect catalogue-drift">
              <span>{example.problem}</span>
              <span className="quiet"><Ago at={example.storedMs} says="ago" /></span>
            </Link>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Entry({ entry }: { entry: CatalogueEvent }): ReactElement {
  return (
    <>
      <Section title={t('Example')} aside={<span className="quiet">{t('version {version}', { version: entry.version })}</span>}>
        <JsonTree value={entry.example} label={t('example')} />
      </Section>
      <Section title={t('Schema')} aside={<span className="quiet">{t('version {version}', { version: entry.version })}</span>}>
        <JsonTree value={entry.schema} label={t('schema')} />
      </Section>
    </>
  );
}
