/** Catalogue: the event types and job types that the site knows. */
import { Button, SegmentedControl, TextInput } from '@mantine/core';
import { IconAlertTriangle, IconFilter } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { type ReactElement, type ReactNode, useMemo } from 'react';
import { message, sayText, t } from '../../shared/i18n/translate.ts';
import type { CatalogueJob } from '../../shared/operator-api/index.ts';
import { api } from '../app/connection/client.ts';
import { CATALOGUE_TABS } from '../app/search-params.ts';
import { formatCount, formatDuration } from '../kit/format.ts';
import { CopyButton, EventType, JobType } from '../kit/ids.tsx';
import { Empty, ErrorNotice, SkeletonRows } from '../kit/notices.tsx';
import { Facts, Page, Section, SidePanel } from '../kit/page.tsx';
import { safetyWord } from '../kit/safety.ts';
import { UncataloguedSign } from '../kit/status.tsx';
import { useDraft } from '../kit/use-draft.ts';
import { type GridColumn, VirtualGrid } from '../kit/virtual-grid.tsx';
import { type CatalogueLine, driftAnswer, linesOf, unknownVersions } from './catalogue-lines.ts';
import { EventTypePanel } from './event-type-panel.tsx';
import { CatalogueExport } from './export-menu.tsx';

const route = getRouteApi('/catalogue');

const EVENT_COLUMNS: readonly GridColumn<CatalogueLine>[] = [
  { id: 'type', header: message('Event type'), width: 'minmax(220px, 300px)', cell: (row) => <Named type={row.type}><EventType type={row.type} /></Named> },
  { id: 'version', header: message('Version'), wideOnly: true, width: '72px', cell: (row) => <span className="mono">{row.entries.map(({ version }) => version).join(', ') || '—'}</span> },
  { id: 'about', header: message('Published when'), width: 'minmax(140px, 1fr)', cell: (row) => <About line={row} /> },
  { id: 'triggers', header: message('Triggers'), wideOnly: true, width: 'minmax(120px, 220px)', cell: (row) => <Triggers line={row} /> },
  { id: 'lately', header: message('In 24 h'), width: '76px', align: 'right', cell: (row) => <span className={row.usage === null ? 'missing' : 'num'}>{row.usage === null ? '—' : formatCount(row.usage.lately)}</span> },
  { id: 'drift', header: message('Does not fit'), width: '96px', align: 'right', cell: (row) => <DriftCell line={row} /> },
];

function About({ line: { entries } }: { line: CatalogueLine }): ReactElement {
  const newest = entries.at(-1);
  if (newest === undefined) return <UncataloguedSign />;
  return <span className="clip" title={sayText(newest.description)}>{sayText(newest.description)}</span>;
}

function Triggers({ line: { entries } }: { line: CatalogueLine }): ReactElement {
  const triggers = [...new Set(entries.flatMap((entry) => entry.triggers))].join(', ');
  return <span className="clip mono quiet" title={triggers}>{triggers === '' ? '—' : triggers}</span>;
}

/** Payloads that do not fit, and versions that are not known. */
function DriftCell({ line }: { line: CatalogueLine }): ReactElement {
  const misfits = line.usage?.drift.events ?? 0;
  if (misfits > 0) return <span className="num tone-failed"><IconAlertTriangle size={13} /> {formatCount(misfits)}</span>;
  if (unknownVersions(line) > 0) return <span className="tone-retrying">{t('new version')}</span>;
  return <span className="missing">{line.usage === null || line.entries.length === 0 ? '—' : '0'}</span>;
}

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
  const { tab = 'events', q, type } = route.useSearch();
  const navigate = route.useNavigate();
  const [filter, setFilter] = useDraft(q ?? '');
  const events = useQuery(api.catalogue.events.queryOptions({ staleTime: 30_000 }));
  const jobs = useQuery(api.catalogue.jobs.queryOptions({ staleTime: 30_000 }));
  const usage = useQuery(api.catalogue.usage.queryOptions({ refetchInterval: 5_000 }));
  const open = (next: string | undefined): void => void navigate({ search: (before) => ({ ...before, type: next }), replace: type !== undefined && next !== undefined });

  // While somebody types, the list follows; the address does when they are done.
  const keepFilter = (): void => {
    if (filter !== (q ?? '')) void navigate({ search: (before) => ({ ...before, q: filter === '' ? undefined : filter }), replace: true });
  };

  const fits = (text: string): boolean => text.toLowerCase().includes(filter.trim().toLowerCase());
  const lines = useMemo(() => linesOf(events.data ?? [], usage.data?.types ?? []), [events.data, usage.data]);
  const eventRows = lines.filter((row) => fits(`${row.type} ${row.entries.map(({ description }) => sayText(description)).join(' ')}`));
  const jobRows = (jobs.data ?? []).filter((row) => fits(`${row.type} ${sayText(row.description)}`));
  const openEvent = tab === 'events' ? lines.find((each) => each.type === type) : undefined;
  const openJob = tab === 'jobs' ? jobs.data?.find((each) => each.type === type) : undefined;

  return (
    <Page
      title={t('Catalogue')}
      fixed
      answer={events.data && jobs.data ? [t('{events, plural, one {# event type} other {# event types}} in {domains, plural, one {# domain} other {# domains}}, {jobs, plural, one {# job type} other {# job types}}.', { events: events.data.length, domains: new Set(events.data.map(({ domain }) => domain)).size, jobs: jobs.data.length }), ...(usage.data ? [driftAnswer(lines)] : [])].join(' ') : ''}
      tools={
        <>
          <TextInput aria-label={t('Filter')} data-page-filter placeholder={t('Filter   (press /)')} leftSection={<IconFilter size={14} />} value={filter} onChange={(event) => setFilter(event.currentTarget.value)} onBlur={keepFilter} onKeyDown={(event) => event.key === 'Enter' && keepFilter()} w={220} />
          <SegmentedControl
            aria-label={t('Show')}
            value={tab}
            onChange={(next) => void navigate({ search: { tab: CATALOGUE_TABS.find((each) => each === next && each !== 'events'), q: filter === '' ? undefined : filter } })}
            data={[{ value: 'events', label: t('Event types') }, { value: 'jobs', label: t('Job types') }]}
          />
          <CatalogueExport />
        </>
      }
      panel={openEvent ? <EventTypePanel key={openEvent.type} line={openEvent} onClose={() => open(undefined)} /> : openJob ? <JobTypePanel entry={openJob} onClose={() => open(undefined)} /> : null}
    >
      {tab === 'events' ? (
        events.error && !events.data ? (
          <ErrorNotice what={t('The catalogue could not be read')} error={events.error} retry={() => void events.refetch()} />
        ) : (
          <VirtualGrid label={t('Event types')} columns={EVENT_COLUMNS} count={eventRows.length} rowAt={(index) => eventRows[index]} keyOf={(row) => row.type} selected={type} onOpen={(row) => open(row.type)} empty={events.isPending ? <SkeletonRows rows={14} /> : <Empty title={t('No event type fits the filter')}>{t('It looks in names and descriptions.')}</Empty>} />
        )
      ) : null}
      {tab === 'jobs' ? (
        jobs.error && !jobs.data ? (
          <ErrorNotice what={t('The catalogue could not be read')} error={jobs.error} retry={() => void jobs.refetch()} />
        ) : (
          <VirtualGrid label={t('Job types')} columns={JOB_COLUMNS} count={jobRows.length} rowAt={(index) => jobRows[index]} keyOf={(row) => row.type} selected={type} onOpen={(row) => open(row.type)} empty={jobs.isPending ? <SkeletonRows rows={9} /> : <Empty title={t('No job type fits the filter')}>{t('It looks in names and descriptions.')}</Empty>} />
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
