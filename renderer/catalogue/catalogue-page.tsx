/** Catalogue: the event types and job types that the site knows. */
import { Button, SegmentedControl, TextInput } from '@mantine/core';
import { IconFilter, IconSend } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { type ReactElement, type ReactNode, useMemo, useState } from 'react';
import { message, sayText, t } from '../../shared/i18n/translate.ts';
import type { CatalogueEvent, CatalogueJob } from '../../shared/operator-api/index.ts';
import { api } from '../app/connection/client.ts';
import { CATALOGUE_TABS } from '../app/search-params.ts';
import { openPublishForm } from '../flow/publish-form.tsx';
import { orderDomains } from '../kit/domains.ts';
import { formatCount, formatDuration } from '../kit/format.ts';
import { CopyButton, EventType, JobType } from '../kit/ids.tsx';
import { JsonTree } from '../kit/json-tree.tsx';
import { Empty, ErrorNotice, SkeletonRows } from '../kit/notices.tsx';
import { Facts, Page, Section, SidePanel } from '../kit/page.tsx';
import { safetyWord } from '../kit/safety.ts';
import { type GridColumn, VirtualGrid } from '../kit/virtual-grid.tsx';

const route = getRouteApi('/catalogue');

const EVENT_COLUMNS: readonly GridColumn<CatalogueEvent>[] = [
  { id: 'type', header: message('Event type'), width: 'minmax(220px, 300px)', cell: (row) => <Named type={row.type}><EventType type={row.type} /></Named> },
  { id: 'version', header: message('Version'), wideOnly: true, width: '58px', cell: (row) => <span className="mono">{row.version}</span> },
  { id: 'about', header: message('Published when'), width: 'minmax(200px, 1fr)', cell: (row) => <span className="clip" title={sayText(row.description)}>{sayText(row.description)}</span> },
  { id: 'triggers', header: message('Triggers'), wideOnly: true, width: 'minmax(120px, 260px)', cell: (row) => <span className="clip mono quiet" title={row.triggers.join(', ')}>{row.triggers.join(', ') || '—'}</span> },
];

const JOB_COLUMNS: readonly GridColumn<CatalogueJob>[] = [
  { id: 'type', header: message('Job type'), width: 'minmax(190px, 260px)', cell: (row) => <Named type={row.type}><JobType type={row.type} /></Named> },
  { id: 'tier', header: message('Tier'), width: '90px', cell: (row) => row.tier },
  { id: 'queue', header: message('Queue'), wideOnly: true, width: '110px', cell: (row) => <span className="clip mono">{row.queue}</span> },
  { id: 'about', header: message('What it does'), width: 'minmax(180px, 1fr)', cell: (row) => <span className="clip" title={sayText(row.description)}>{sayText(row.description)}</span> },
  { id: 'attempts', header: message('Attempts'), width: '66px', align: 'right', cell: (row) => formatCount(row.maxAttempts) },
  { id: 'timeout', header: message('Time limit'), wideOnly: true, width: '76px', align: 'right', cell: (row) => formatDuration(row.timeoutMs) },
  { id: 'safety', header: message('Run again'), width: '90px', cell: (row) => safetyWord(row.replaySafety) },
];

/** The page. */
export function CataloguePage(): ReactElement {
  const { tab = 'events', type } = route.useSearch();
  const navigate = route.useNavigate();
  const [filter, setFilter] = useState('');
  const events = useQuery(api.catalogue.events.queryOptions({ staleTime: 30_000 }));
  const jobs = useQuery(api.catalogue.jobs.queryOptions({ staleTime: 30_000 }));
  const open = (next: string | undefined): void => void navigate({ search: (before) => ({ ...before, type: next }), replace: type !== undefined && next !== undefined });

  const fits = (text: string): boolean => text.toLowerCase().includes(filter.trim().toLowerCase());
  const sorted = useMemo(() => {
    const list = events.data ?? [];
    const order = orderDomains(list.map(({ domain }) => domain));
    return [...list].sort((a, b) => order.indexOf(a.domain) - order.indexOf(b.domain) || a.type.localeCompare(b.type));
  }, [events.data]);
  const eventRows = sorted.filter((row) => fits(`${row.type} ${sayText(row.description)}`));
  const jobRows = (jobs.data ?? []).filter((row) => fits(`${row.type} ${sayText(row.description)}`));
  const openEvent = tab === 'events' ? events.data?.find((each) => each.type === type) : undefined;
  const openJob = tab === 'jobs' ? jobs.data?.find((each) => each.type === type) : undefined;

  return (
    <Page
      title={t('Catalogue')}
      fixed
      answer={events.data && jobs.data ? t('{events, plural, one {# event type} other {# event types}} in {domains, plural, one {# domain} other {# domains}}, {jobs, plural, one {# job type} other {# job types}}.', { events: events.data.length, domains: new Set(events.data.map(({ domain }) => domain)).size, jobs: jobs.data.length }) : ''}
      tools={
        <>
          <TextInput aria-label={t('Filter')} data-page-filter placeholder={t('Filter   (press /)')} leftSection={<IconFilter size={14} />} value={filter} onChange={(event) => setFilter(event.currentTarget.value)} w={220} />
          <SegmentedControl
            aria-label={t('Show')}
            value={tab}
            onChange={(next) => void navigate({ search: { tab: CATALOGUE_TABS.find((each) => each === next && each !== 'events') } })}
            data={[{ value: 'events', label: t('Event types') }, { value: 'jobs', label: t('Job types') }]}
          />
        </>
      }
      panel={openEvent ? <EventTypePanel entry={openEvent} onClose={() => open(undefined)} /> : openJob ? <JobTypePanel entry={openJob} onClose={() => open(undefined)} /> : null}
    >
      {tab === 'events' ? (
        events.error && !events.data ? (
          <ErrorNotice what={t('The catalogue could not be read')} error={events.error} retry={() => void events.refetch()} />
        ) : (
          <VirtualGrid label={t('Event types')} columns={EVENT_COLUMNS} count={eventRows.length} rowAt={(index) => eventRows[index]} keyOf={(row) => row.type} selected={type} onOpen={(row) => open(row.type)} empty={events.isPending ? <SkeletonRows rows={14} /> : <Empty title={t('No event type fits the filter')} />} />
        )
      ) : null}
      {tab === 'jobs' ? (
        jobs.error && !jobs.data ? (
          <ErrorNotice what={t('The catalogue could not be read')} error={jobs.error} retry={() => void jobs.refetch()} />
        ) : (
          <VirtualGrid label={t('Job types')} columns={JOB_COLUMNS} count={jobRows.length} rowAt={(index) => jobRows[index]} keyOf={(row) => row.type} selected={type} onOpen={(row) => open(row.type)} empty={jobs.isPending ? <SkeletonRows rows={9} /> : <Empty title={t('No job type fits the filter')} />} />
        )
      ) : null}
    </Page>
  );
}

/** A type that can be copied. */
function Named({ type, children }: { type: string; children: ReactNode }): ReactElement {
  return (
    <span className="id">
      {children}
      <CopyButton text={type} label={t('Copy {id}', { id: type })} />
    </span>
  );
}

function EventTypePanel({ entry, onClose }: { entry: CatalogueEvent; onClose(): void }): ReactElement {
  return (
    <SidePanel label={t('Event type')} title={<EventType type={entry.type} />} onClose={onClose}>
      <p className="quiet panel-lead">{sayText(entry.description)}</p>
      <div className="button-row">
        <Button leftSection={<IconSend size={14} />} onClick={() => openPublishForm(entry.type)}>
          {t('Publish this')}
        </Button>
        <Button component={Link} to={`/flow?type=${encodeURIComponent(entry.type)}`} variant="default">
          {t('Show in flow')}
        </Button>
      </div>
      <Section title={t('Triggers')}>
        {entry.triggers.length === 0 ? <p className="quiet">{t('No job.')}</p> : null}
        {entry.triggers.map((trigger) => (
          <div key={trigger}>
            <Link to="/catalogue" search={{ tab: 'jobs', type: trigger }}><JobType type={trigger} /></Link>
          </div>
        ))}
      </Section>
      <Section title={t('Example')}>
        <JsonTree value={entry.example} label={t('example')} />
      </Section>
      <Section title={t('Schema')} aside={<span className="quiet">{t('version {version}', { version: entry.version })}</span>}>
        <JsonTree value={entry.schema} label={t('schema')} />
      </Section>
    </SidePanel>
  );
}

function JobTypePanel({ entry, onClose }: { entry: CatalogueJob; onClose(): void }): ReactElement {
  return (
    <SidePanel label={t('Job type')} title={<JobType type={entry.type} />} onClose={onClose}>
      <p className="quiet panel-lead">{sayText(entry.description)}</p>
      <Section title={t('How it runs')}>
        <Facts
          facts={[
            [t('Tier'), entry.tier],
            [t('Queue'), entry.queue],
            [t('Priority'), entry.priority],
            [t('Attempts'), t('at most {n, number}', { n: entry.maxAttempts })],
            [t('Time limit'), formatDuration(entry.timeoutMs)],
            [t('Running it again'), safetyWord(entry.replaySafety)],
          ]}
        />
      </Section>
      <Section title={t('Triggered by')}>
        {entry.triggeredBy.length === 0 ? <p className="quiet">{t('No event: it is asked for by hand, by a schedule, or handed on by another job.')}</p> : null}
        {entry.triggeredBy.map((trigger) => (
          <div key={trigger}>
            <Link to="/flow" search={{ type: trigger }}><EventType type={trigger} /></Link>
          </div>
        ))}
      </Section>
      <div className="button-row">
        <Button component={Link} to={`/dead-letters?jobType=${encodeURIComponent(entry.type)}`} variant="default">
          {t('Its dead letters')}
        </Button>
      </div>
    </SidePanel>
  );
}
