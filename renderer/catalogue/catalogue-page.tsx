/** Catalogue: the event types and job types that the site knows, and its connectors. */
import { Button, SegmentedControl, TextInput } from '@mantine/core';
import { IconFilter, IconSend } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { type ReactElement, type ReactNode, useMemo, useState } from 'react';
import type { CatalogueEvent, CatalogueJob } from '../../shared/operator-api/index.ts';
import { api } from '../app/connection/client.ts';
import { CATALOGUE_TABS } from '../app/search-params.ts';
import { openPublishForm } from '../flow/publish-form.tsx';
import { orderDomains } from '../kit/domains.ts';
import { countOf, formatCount, formatDuration } from '../kit/format.ts';
import { CopyButton, EventType, JobType } from '../kit/ids.tsx';
import { JsonTree } from '../kit/json-tree.tsx';
import { Empty, ErrorNotice, SkeletonRows } from '../kit/notices.tsx';
import { Facts, Page, Section, SidePanel } from '../kit/page.tsx';
import { type GridColumn, VirtualGrid } from '../kit/virtual-grid.tsx';
import { ConnectorTable } from './connector-table.tsx';

const route = getRouteApi('/catalogue');

const EVENT_COLUMNS: readonly GridColumn<CatalogueEvent>[] = [
  { id: 'type', header: 'Event type', width: 'minmax(220px, 300px)', cell: (row) => <Named type={row.type}><EventType type={row.type} /></Named> },
  { id: 'version', header: 'Version', wideOnly: true, width: '58px', cell: (row) => <span className="mono">{row.version}</span> },
  { id: 'about', header: 'Published when', width: 'minmax(200px, 1fr)', cell: (row) => <span className="clip" title={row.description}>{row.description}</span> },
  { id: 'triggers', header: 'Triggers', wideOnly: true, width: 'minmax(120px, 260px)', cell: (row) => <span className="clip mono quiet" title={row.triggers.join(', ')}>{row.triggers.join(', ') || '—'}</span> },
];

const JOB_COLUMNS: readonly GridColumn<CatalogueJob>[] = [
  { id: 'type', header: 'Job type', width: 'minmax(190px, 260px)', cell: (row) => <Named type={row.type}><JobType type={row.type} /></Named> },
  { id: 'tier', header: 'Tier', width: '90px', cell: (row) => row.tier },
  { id: 'queue', header: 'Queue', wideOnly: true, width: '110px', cell: (row) => <span className="clip mono">{row.queue}</span> },
  { id: 'about', header: 'What it does', width: 'minmax(180px, 1fr)', cell: (row) => <span className="clip" title={row.description}>{row.description}</span> },
  { id: 'attempts', header: 'Attempts', width: '66px', align: 'right', cell: (row) => formatCount(row.maxAttempts) },
  { id: 'timeout', header: 'Time limit', wideOnly: true, width: '76px', align: 'right', cell: (row) => formatDuration(row.timeoutMs) },
  { id: 'safety', header: 'Run again', width: '90px', cell: (row) => row.replaySafety },
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
  const eventRows = sorted.filter((row) => fits(`${row.type} ${row.description}`));
  const jobRows = (jobs.data ?? []).filter((row) => fits(`${row.type} ${row.description}`));
  const openEvent = tab === 'events' ? events.data?.find((each) => each.type === type) : undefined;
  const openJob = tab === 'jobs' ? jobs.data?.find((each) => each.type === type) : undefined;

  return (
    <Page
      title="Catalogue"
      fixed
      answer={events.data && jobs.data ? `${countOf(events.data.length, 'event type')} in ${countOf(new Set(events.data.map(({ domain }) => domain)).size, 'domain')}, ${countOf(jobs.data.length, 'job type')}.` : ''}
      tools={
        <>
          {tab === 'connectors' ? null : (
            <TextInput aria-label="Filter" data-page-filter placeholder="Filter   (press /)" leftSection={<IconFilter size={14} />} value={filter} onChange={(event) => setFilter(event.currentTarget.value)} w={220} />
          )}
          <SegmentedControl
            aria-label="Show"
            value={tab}
            onChange={(next) => void navigate({ search: { tab: CATALOGUE_TABS.find((each) => each === next && each !== 'events') } })}
            data={[{ value: 'events', label: 'Event types' }, { value: 'jobs', label: 'Job types' }, { value: 'connectors', label: 'Connectors' }]}
          />
        </>
      }
      panel={openEvent ? <EventTypePanel entry={openEvent} onClose={() => open(undefined)} /> : openJob ? <JobTypePanel entry={openJob} onClose={() => open(undefined)} /> : null}
    >
      {tab === 'events' ? (
        events.error && !events.data ? (
          <ErrorNotice what="The catalogue could not be read" error={events.error} retry={() => void events.refetch()} />
        ) : (
          <VirtualGrid label="Event types" columns={EVENT_COLUMNS} count={eventRows.length} rowAt={(index) => eventRows[index]} keyOf={(row) => row.type} selected={type} onOpen={(row) => open(row.type)} empty={events.isPending ? <SkeletonRows rows={14} /> : <Empty title="No event type fits the filter" />} />
        )
      ) : null}
      {tab === 'jobs' ? (
        jobs.error && !jobs.data ? (
          <ErrorNotice what="The catalogue could not be read" error={jobs.error} retry={() => void jobs.refetch()} />
        ) : (
          <VirtualGrid label="Job types" columns={JOB_COLUMNS} count={jobRows.length} rowAt={(index) => jobRows[index]} keyOf={(row) => row.type} selected={type} onOpen={(row) => open(row.type)} empty={jobs.isPending ? <SkeletonRows rows={9} /> : <Empty title="No job type fits the filter" />} />
        )
      ) : null}
      {tab === 'connectors' ? <ConnectorTable /> : null}
    </Page>
  );
}

/** A type that can be copied. */
function Named({ type, children }: { type: string; children: ReactNode }): ReactElement {
  return (
    <span className="id">
      {children}
      <CopyButton text={type} label={`Copy ${type}`} />
    </span>
  );
}

function EventTypePanel({ entry, onClose }: { entry: CatalogueEvent; onClose(): void }): ReactElement {
  return (
    <SidePanel label="Event type" title={<EventType type={entry.type} />} onClose={onClose}>
      <p className="quiet panel-lead">{entry.description}</p>
      <div className="button-row">
        <Button leftSection={<IconSend size={14} />} onClick={() => openPublishForm(entry.type)}>
          Publish this
        </Button>
        <Button component={Link} to={`/flow?type=${encodeURIComponent(entry.type)}`} variant="default">
          Show in flow
        </Button>
      </div>
      <Section title="Triggers">
        {entry.triggers.length === 0 ? <p className="quiet">No job.</p> : null}
        {entry.triggers.map((trigger) => (
          <div key={trigger}>
            <Link to="/catalogue" search={{ tab: 'jobs', type: trigger }}><JobType type={trigger} /></Link>
          </div>
        ))}
      </Section>
      <Section title="Example">
        <JsonTree value={entry.example} label="example" />
      </Section>
      <Section title="Schema" aside={<span className="quiet">version {entry.version}</span>}>
        <JsonTree value={entry.schema} label="schema" />
      </Section>
    </SidePanel>
  );
}

function JobTypePanel({ entry, onClose }: { entry: CatalogueJob; onClose(): void }): ReactElement {
  return (
    <SidePanel label="Job type" title={<JobType type={entry.type} />} onClose={onClose}>
      <p className="quiet panel-lead">{entry.description}</p>
      <Section title="How it runs">
        <Facts
          facts={[
            ['Tier', entry.tier],
            ['Queue', entry.queue],
            ['Priority', entry.priority],
            ['Attempts', `at most ${formatCount(entry.maxAttempts)}`],
            ['Time limit', formatDuration(entry.timeoutMs)],
            ['Running it again', entry.replaySafety],
          ]}
        />
      </Section>
      <Section title="Triggered by">
        {entry.triggeredBy.length === 0 ? <p className="quiet">No event: it is asked for by hand, by a schedule, or handed on by another job.</p> : null}
        {entry.triggeredBy.map((trigger) => (
          <div key={trigger}>
            <Link to="/flow" search={{ type: trigger }}><EventType type={trigger} /></Link>
          </div>
        ))}
      </Section>
      <div className="button-row">
        <Button component={Link} to={`/dead-letters?jobType=${encodeURIComponent(entry.type)}`} variant="default">
          Its dead letters
        </Button>
      </div>
    </SidePanel>
  );
}
