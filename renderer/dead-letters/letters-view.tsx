/** Dead letters one by one, of a family or of a filter: pick some, or act on all that wait. */
import { Button, SegmentedControl, Select, TextInput } from '@mantine/core';
import { IconRotateClockwise, IconSearch, IconTrash } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { type ReactElement, useCallback, useMemo, useState } from 'react';
import { message, t } from '../../shared/i18n/translate.ts';
import type { DeadLetterFilter, DeadLetterRow, DeadLetterScope } from '../../shared/operator-api/index.ts';
import { api } from '../app/connection/client.ts';
import { DEAD_LETTER_STATUSES } from '../app/search-params.ts';
import { Trans } from '../i18n/trans.tsx';
import { formatCount } from '../kit/format.ts';
import { JobType, TraceId } from '../kit/ids.tsx';
import { Empty, ErrorNotice, SkeletonRows } from '../kit/notices.tsx';
import { DeadLetterSign } from '../kit/status.tsx';
import { Ago } from '../kit/time.tsx';
import { useDraft } from '../kit/use-draft.ts';
import { type GridColumn, VirtualGrid } from '../kit/virtual-grid.tsx';
import { deathWord } from './dead-letter-panel.tsx';
import { DiscardDialog } from './discard-dialog.tsx';
import { ExportButton } from './export-button.tsx';
import { FamilyHead } from './family-head.tsx';
import { RedriveDialog } from './redrive-dialog.tsx';

const route = getRouteApi('/dead-letters');

const COLUMNS: readonly GridColumn<DeadLetterRow>[] = [
  { id: 'died', header: message('Died'), width: '72px', cell: (row) => <Ago at={row.diedMs} says="ago" /> },
  { id: 'type', header: message('Job type'), width: 'minmax(170px, 230px)', cell: (row) => <JobType type={row.jobType} /> },
  { id: 'reason', header: message('Reason'), wideOnly: true, width: '126px', cell: (row) => deathWord(row.reason) },
  { id: 'error', header: message('Last error'), width: 'minmax(160px, 1fr)', cell: (row) => <span className="clip" title={row.errorMessage}><span className="mono quiet">{row.errorName}</span> {row.errorMessage}</span> },
  { id: 'attempts', header: message('Attempts'), wideOnly: true, width: '64px', align: 'right', cell: (row) => formatCount(row.attempts) },
  { id: 'trace', header: message('Correlation'), wideOnly: true, width: '104px', cell: (row) => <TraceId id={row.correlationId} /> },
  { id: 'status', header: message('Decision'), width: '124px', cell: (row) => <DeadLetterSign status={row.status} /> },
];

/** A family is of one job type. */
const COLUMNS_OF_FAMILY = COLUMNS.filter(({ id }) => id !== 'type');

const NONE: ReadonlySet<string> = new Set();

/** Scope, name and size of what the buttons act on. */
interface Target {
  readonly scope: DeadLetterScope;
  /** Titles of the dialogs. */
  readonly redrive: string;
  readonly discard: string;
  readonly count: number;
  /** When it was counted: what dies later is not in the number that a person confirms. */
  readonly asOfMs: number;
}

/** Answer, tools and content of the page while it shows single dead letters. */
export function useLettersView(): { answer: string; tools: ReactElement; content: ReactElement } {
  const { status = 'waiting', family, jobType, text, letter } = route.useSearch();
  const navigate = route.useNavigate();
  const filter: DeadLetterFilter = { ...(family === undefined ? {} : { family }), ...(jobType === undefined ? {} : { jobType }), ...(text === undefined ? {} : { text }) };
  const shownFilter = JSON.stringify([status, filter]);
  // What was picked under another filter is not in sight any more.
  const [selection, setSelection] = useState<{ under: string; picked: ReadonlySet<string> }>({ under: shownFilter, picked: new Set() });
  const picked = selection.under === shownFilter ? selection.picked : NONE;
  const pick = (next: ReadonlySet<string>): void => setSelection({ under: shownFilter, picked: next });

  const jobs = useQuery(api.catalogue.jobs.queryOptions({ staleTime: 60_000 }));
  const head = useQuery(api.deadLetters.family.queryOptions({ input: { family: family ?? '' }, enabled: family !== undefined, refetchInterval: 3_000 }));
  const letters = useInfiniteQuery(
    api.deadLetters.list.infiniteOptions({
      input: (after: string | undefined) => ({ status, ...filter, limit: 100, ...(after === undefined ? {} : { after }) }),
      initialPageParam: undefined as string | undefined,
      getNextPageParam: (last) => last.next ?? undefined,
      refetchInterval: 5_000,
    }),
  );
  const rows = useMemo(() => letters.data?.pages.flatMap((page) => page.rows) ?? [], [letters.data]);
  const total = letters.data?.pages[0]?.total;
  const asOfMs = letters.data?.pages[0]?.measuredMs ?? 0;
  const { fetchNextPage, hasNextPage, isFetchingNextPage } = letters;
  const onEnd = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const stillWaiting = rows.filter((row) => row.status === 'waiting' && picked.has(row.deadLetterId)).map((row) => row.deadLetterId);
  const onPick = (row: DeadLetterRow): void => {
    if (row.status === 'waiting') pick(toggled(picked, row.deadLetterId));
  };
  const target: Target | null =
    stillWaiting.length > 0
      ? { scope: { kind: 'selection', deadLetterIds: stillWaiting }, redrive: t('Redrive the picked {n, plural, one {dead letter} other {dead letters}}', { n: stillWaiting.length }), discard: t('Discard the picked {n, plural, one {dead letter} other {dead letters}}', { n: stillWaiting.length }), count: stillWaiting.length, asOfMs }
      : status === 'waiting' && total !== undefined && total > 0
        ? { scope: family !== undefined && jobType === undefined && text === undefined ? { kind: 'family', family } : { kind: 'filter', filter }, redrive: family === undefined ? t('Redrive all of these dead letters') : t('Redrive all of this family'), discard: family === undefined ? t('Discard all of these dead letters') : t('Discard all of this family'), count: total, asOfMs }
        : null;

  return {
    answer: total === undefined ? '' : answerOf(status, total, family !== undefined),
    tools: (
      <SegmentedControl
        aria-label={t('Decision')}
        value={status}
        onChange={(next) => void navigate({ search: (before) => ({ ...before, status: DEAD_LETTER_STATUSES.find((each) => each === next && each !== 'waiting') }), replace: true })}
        data={[{ value: 'waiting', label: t('Waiting') }, { value: 'redriven', label: t('Redriven') }, { value: 'discarded', label: t('Discarded') }, { value: 'all', label: t('All') }]}
      />
    ),
    content: (
      <>
        {family !== undefined && head.data?.family === family ? <FamilyHead family={head.data} /> : null}
        {head.error && family !== undefined ? <ErrorNotice what={t('This family could not be read')} error={head.error} retry={() => void head.refetch()} /> : null}
        <Filters jobTypes={[...new Set([...(jobs.data ?? []).map(({ type }) => type), ...(jobType === undefined ? [] : [jobType])])]} ofFamily={family !== undefined} />
        <ActionBar target={target} pickedCount={stillWaiting.length} onClear={() => pick(new Set())} onPickShown={() => pick(new Set(rows.filter((row) => row.status === 'waiting').map((row) => row.deadLetterId)))} shown={rows.length}>
          <ExportButton status={status} filter={filter} />
        </ActionBar>
        {letters.error ? <ErrorNotice what={t('Dead letters could not be read')} error={letters.error} retry={() => void letters.refetch()} /> : null}
        <VirtualGrid
          label={t('Dead letters')}
          columns={family === undefined ? COLUMNS : COLUMNS_OF_FAMILY}
          count={rows.length}
          total={total}
          rowAt={(index) => rows[index]}
          keyOf={(row) => row.deadLetterId}
          picked={picked}
          onPick={onPick}
          selected={letter}
          onOpen={(row) => void navigate({ search: (before) => ({ ...before, letter: row.deadLetterId }), replace: letter !== undefined })}
          onEnd={onEnd}
          empty={letters.isPending ? <SkeletonRows rows={10} /> : <NoLetters status={status} filtered={text !== undefined || jobType !== undefined || family !== undefined} />}
          footer={<span>{total === undefined ? '' : rows.length < total ? t('{shown, number} of {n, plural, one {# dead letter} other {# dead letters}}, scroll down for older ones', { shown: rows.length, n: total }) : t('{n, plural, one {# dead letter} other {# dead letters}}', { n: total })}</span>}
        />
      </>
    ),
  };
}

function toggled(picked: ReadonlySet<string>, key: string): ReadonlySet<string> {
  const next = new Set(picked);
  if (!next.delete(key)) next.add(key);
  return next;
}

function answerOf(status: string, total: number, ofFamily: boolean): string {
  const values = { n: total, ofFamily: ofFamily ? 'yes' : 'no', status };
  if (status === 'waiting') {
    if (total === 0) return t('No job{ofFamily, select, yes { of this family} other {}} waits for a decision.', values);
    return t('{n, plural, one {# job} other {# jobs}}{ofFamily, select, yes { of this family} other {}} {n, plural, one {waits} other {wait}} for your decision: run again, or discard.', values);
  }
  return t('{n, plural, one {# dead letter} other {# dead letters}}{ofFamily, select, yes { of this family} other {}}{status, select, redriven {, redriven} discarded {, discarded} other {}}.', values);
}

function Filters({ jobTypes, ofFamily }: { jobTypes: string[]; ofFamily: boolean }): ReactElement {
  const { jobType, text = '' } = route.useSearch();
  const navigate = route.useNavigate();
  const [draft, setDraft] = useDraft(text);
  const apply = (next: string): void => void navigate({ search: (before) => ({ ...before, text: next.trim() === '' ? undefined : next.trim() }), replace: true });
  return (
    <div className="toolbar">
      <TextInput
        className="toolbar-grow"
        aria-label={t('In the error')}
        data-page-filter
        placeholder={t('In the error’s name or message   (press /)')}
        leftSection={<IconSearch size={14} />}
        value={draft}
        onChange={(event) => setDraft(event.currentTarget.value)}
        onKeyDown={(event) => event.key === 'Enter' && apply(event.currentTarget.value)}
        onBlur={() => draft !== text && apply(draft)}
      />
      {ofFamily ? null : (
        <Select
          aria-label={t('Job type')}
          placeholder={t('Any job type')}
          clearable
          searchable
          w={220}
          data={jobTypes}
          value={jobType ?? null}
          onChange={(next) => void navigate({ search: (before) => ({ ...before, jobType: next ?? undefined }), replace: true })}
        />
      )}
    </div>
  );
}

interface ActionBarProps {
  target: Target | null;
  pickedCount: number;
  shown: number;
  onClear(): void;
  onPickShown(): void;
  children: ReactElement;
}

function ActionBar({ target, pickedCount, shown, onClear, onPickShown, children }: ActionBarProps): ReactElement {
  // As it was when the button was pressed, while the list goes on.
  const [open, setOpen] = useState<{ action: 'redrive' | 'discard'; target: Target } | null>(null);
  const start = (action: 'redrive' | 'discard'): void => setOpen(target && { action, target });
  const close = (): void => setOpen(null);
  const n = target?.count ?? 0;
  return (
    <div className={pickedCount > 0 ? 'action-bar has-picked' : 'action-bar'}>
      <Button leftSection={<IconRotateClockwise size={14} />} disabled={target === null} onClick={() => start('redrive')}>
        {pickedCount > 0 ? t('Redrive {n, number} picked…', { n }) : target === null ? t('Redrive…') : t('Redrive all {n, number}…', { n })}
      </Button>
      <Button variant="default" leftSection={<IconTrash size={14} />} disabled={target === null} onClick={() => start('discard')}>
        {pickedCount > 0 ? t('Discard {n, number} picked…', { n }) : target === null ? t('Discard…') : t('Discard all {n, number}…', { n })}
      </Button>
      {children}
      <span className="head-gap" />
      {pickedCount > 0 ? (
        <button type="button" className="link-button" onClick={onClear}>
          {t('Pick none')}
        </button>
      ) : (
        <span className="quiet">
          <Trans message="pick with <key>x</key>" parts={{ key: <kbd /> }} />
        </span>
      )}
      {shown > 0 && pickedCount < shown ? (
        <button type="button" className="link-button" onClick={onPickShown}>
          {t('Pick the {n, number} loaded', { n: shown })}
        </button>
      ) : null}
      {open?.action === 'redrive' ? <RedriveDialog scope={open.target.scope} title={open.target.redrive} onClose={close} /> : null}
      {open?.action === 'discard' ? <DiscardDialog scope={open.target.scope} title={open.target.discard} count={open.target.count} asOfMs={open.target.asOfMs} onClose={close} /> : null}
    </div>
  );
}

function NoLetters({ status, filtered }: { status: string; filtered: boolean }): ReactElement {
  if (status !== 'waiting' && status !== 'all') return <Empty title={status === 'redriven' ? t('No redriven dead letters') : t('No discarded dead letters')} />;
  if (filtered) return <Empty title={t('No dead letters')}>{t('None of this kind waits for a decision.')}</Empty>;
  return <Empty title={t('No dead letters')}>{t('A job comes here when its last attempt has failed, with its input and every error. It stays until a person decides.')}</Empty>;
}
