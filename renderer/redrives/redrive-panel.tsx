/** One redrive: how far it is, what it was told to do, what became of each dead letter; and the way to stop it. */
import { Button, SegmentedControl, TextInput } from '@mantine/core';
import { IconPlayerStop } from '@tabler/icons-react';
import { useInfiniteQuery, useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactElement, useState } from 'react';
import { message, t } from '../../shared/i18n/translate.ts';
import type { RedriveItem, RedriveRow } from '../../shared/operator-api/index.ts';
import { api } from '../app/connection/client.ts';
import { refreshDeadLetters } from '../dead-letters/redrive-dialog.tsx';
import { progressWords, scopeWords } from '../dead-letters/redrive-words.ts';
import { formatDuration, formatShare, shortId } from '../kit/format.ts';
import { Id } from '../kit/ids.tsx';
import { ErrorNotice, SkeletonRows } from '../kit/notices.tsx';
import { Facts, Section, SidePanel } from '../kit/page.tsx';
import { RedriveItemSign, RedriveSign } from '../kit/status.tsx';
import { Ago, Clock } from '../kit/time.tsx';
import { tellDone, tellError } from '../kit/toasts.tsx';

const SKIP_WORDS: Record<NonNullable<RedriveItem['skipReason']>, string> = {
  'already-done': message('its effect is already recorded'),
  unsafe: message('unsafe to repeat'),
  unreadable: message('its payload can’t be read'),
  'unknown-type': message('no handler is loaded'),
  'invalid-input': message('its input does not fit the schema'),
  decided: message('decided in the meantime'),
};

function skipWords({ skipReason, problem, jobType }: RedriveItem): string {
  if (skipReason === null) return jobType;
  const words = SKIP_WORDS[skipReason];
  return problem === null ? t(words) : `${t(words)}: ${problem}`;
}

/** Ended well, ended badly, under way, skipped; what is left is empty. */
export function ProgressBar({ redrive }: { redrive: RedriveRow }): ReactElement {
  const { total, succeeded, failed, redriven, skipped } = redrive;
  const part = (count: number): { width: string } => ({ width: `${(count / Math.max(1, total)) * 100}%` });
  return (
    <span className="progress" role="progressbar" aria-label={t('Progress')} aria-valuemin={0} aria-valuemax={total} aria-valuenow={skipped + succeeded + failed}>
      <span className="is-ok" style={part(succeeded)} />
      <span className="is-failed" style={part(failed)} />
      <span className="is-open" style={part(redriven - succeeded - failed)} />
      <span className="is-skipped" style={part(skipped)} />
    </span>
  );
}

/** Panel beside the list. */
export function RedrivePanel({ redriveId, onClose }: { redriveId: string; onClose(): void }): ReactElement {
  const detail = useQuery(
    api.redrives.get.queryOptions({ input: { redriveId }, refetchInterval: ({ state }) => (state.data?.finishedMs == null ? 500 : false) }),
  );
  const data = detail.data?.redriveId === redriveId ? detail.data : undefined;
  return (
    <SidePanel label={t('Redrive')} title={data ? <RedriveSign state={data.state} /> : t('Redrive')} onClose={onClose}>
      {data ? <Body redrive={data} /> : detail.error ? <ErrorNotice what={t('This redrive could not be read')} error={detail.error} retry={() => void detail.refetch()} /> : <SkeletonRows />}
    </SidePanel>
  );
}

function Body({ redrive }: { redrive: RedriveRow }): ReactElement {
  const { total, succeeded, failed, redriven, skipped, ratePerSecond, stopRatio, canary } = redrive;
  const left = total - skipped - redriven;
  return (
    <>
      <div className="progress-big">
        <p>{progressWords(redrive)}</p>
        <ProgressBar redrive={redrive} />
        <div className="progress-key">
          <span className="tone-ok"><span className="dot" />{t('{n, number} succeeded', { n: succeeded })}</span>
          <span className="tone-dead"><span className="dot" />{t('{n, number} failed', { n: failed })}</span>
          <span className="tone-running"><span className="dot" />{t('{n, number} under way', { n: redriven - succeeded - failed })}</span>
          <span>{t('{n, number} skipped', { n: skipped })}</span>
          <span>{t('{n, number} left of {total, number}', { n: left, total })}</span>
        </div>
      </div>
      {redrive.state === 'canary' || redrive.state === 'running' ? <Cancel redrive={redrive} left={left} /> : null}
      <Section title={t('Order')}>
        <Facts
          facts={[
            [t('What'), <ScopeLink key="scope" redrive={redrive} />],
            [t('By'), redrive.operator],
            [t('Reason'), redrive.reason === '' ? t('none given') : redrive.reason],
            [t('Started'), <span key="at"><Clock at={redrive.requestedMs} /> <span className="quiet">(<Ago at={redrive.requestedMs} says="ago" />)</span></span>],
            ...(redrive.finishedMs === null ? [] : [[t('Took'), formatDuration(redrive.finishedMs - redrive.requestedMs)] as const]),
            [t('Rate'), ratePerSecond === null ? t('as fast as the queue takes them') : t('{n, number} jobs a second', { n: ratePerSecond })],
            [t('Canary'), canary === 0 ? t('none') : t('the first {n, number}', { n: canary })],
            [t('Stops'), stopRatio === null ? t('never by itself') : t('when more than {share} fail', { share: formatShare(stopRatio) })],
            [t('Input'), redrive.edited ? t('changed before it ran') : t('as it was')],
            [t('Unsafe to repeat'), redrive.repeatUnsafe ? t('run, by an explicit yes') : t('left out')],
            [t('Redrive id'), <Id key="id" id={redrive.redriveId} full />],
          ]}
        />
      </Section>
      {/* Read once more when it is over: the last ones have ended since. */}
      <Items key={redrive.finishedMs === null ? 'open' : 'over'} redrive={redrive} />
    </>
  );
}

function ScopeLink({ redrive: { scope, familyWords } }: { redrive: RedriveRow }): ReactElement {
  return scope.kind === 'family' ? <Link to="/dead-letters" search={{ family: scope.family }}>{familyWords ?? scopeWords(scope)}</Link> : <span>{scopeWords(scope)}</span>;
}

function Cancel({ redrive, left }: { redrive: RedriveRow; left: number }): ReactElement {
  const [asking, setAsking] = useState(false);
  const [reason, setReason] = useState('');
  const cancel = useMutation(
    api.redrives.cancel.mutationOptions({
      onSuccess: () => {
        tellDone(t('The redrive is cancelled'));
        refreshDeadLetters();
      },
      onError: (error) => {
        tellError(t('The redrive was not cancelled'), error);
        refreshDeadLetters();
      },
    }),
  );
  if (!asking) {
    return (
      <div className="button-row">
        <Button variant="default" leftSection={<IconPlayerStop size={14} />} onClick={() => setAsking(true)}>
          {t('Cancel…')}
        </Button>
      </div>
    );
  }
  return (
    <form
      className="action-panel"
      onSubmit={(event) => {
        event.preventDefault();
        cancel.mutate({ redriveId: redrive.redriveId, reason: reason.trim() });
      }}
    >
      <p className="consequence">{t('{n, plural, one {# job that is left stays a dead letter} other {# jobs that are left stay dead letters}} and can be redriven later. What is on a queue runs to its end.', { n: left })}</p>
      <TextInput label={t('Reason')} description={t('Kept with the audit event')} value={reason} onChange={(event) => setReason(event.currentTarget.value)} maxLength={500} />
      <div className="button-row">
        <Button type="submit" color="orange.8" loading={cancel.isPending}>
          {t('Cancel the redrive')}
        </Button>
        <Button variant="default" onClick={() => setAsking(false)}>
          {t('Let it run')}
        </Button>
      </div>
    </form>
  );
}

type Shown = 'all' | 'failed' | 'skipped';

function Items({ redrive }: { redrive: RedriveRow }): ReactElement {
  const [shown, setShown] = useState<Shown>('all');
  const items = useInfiniteQuery(
    api.redrives.items.infiniteOptions({
      input: (after: number) => ({ redriveId: redrive.redriveId, after, limit: 50, ...(shown === 'all' ? {} : { state: shown }) }),
      initialPageParam: -1,
      staleTime: 0,
      getNextPageParam: (last) => last.next ?? undefined,
      refetchInterval: redrive.finishedMs === null ? 1_000 : false,
    }),
  );
  const rows = items.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Section
      title={t('Dead letters')}
      aside={<SegmentedControl aria-label={t('Show')} value={shown} onChange={(next) => setShown(next as Shown)} data={[{ value: 'all', label: t('All') }, { value: 'failed', label: t('Failed') }, { value: 'skipped', label: t('Skipped') }]} />}
    >
      {items.error ? <ErrorNotice what={t('They could not be read')} error={items.error} retry={() => void items.refetch()} /> : null}
      {rows.length === 0 && !items.isPending ? <p className="quiet">{t('None.')}</p> : null}
      <ol className="effects">
        {rows.map((item) => (
          <li key={item.deadLetterId}>
            <div className="effect">
              <span className="clip" title={item.problem ?? undefined}>
                <Link to="/dead-letters" search={{ view: 'letters', letter: item.deadLetterId, status: 'all' }} className="mono">{shortId(item.deadLetterId)}</Link>{' '}
                <span className="quiet">{skipWords(item)}</span>
              </span>
              {item.newJobId === null ? <RedriveItemSign state={item.state} /> : <Link to="/traces/$correlationId" params={{ correlationId: item.correlationId }} search={{ node: `job:${item.newJobId}` }}><RedriveItemSign state={item.state} /></Link>}
            </div>
          </li>
        ))}
      </ol>
      {items.hasNextPage ? (
        <div className="button-row">
          <Button variant="default" loading={items.isFetchingNextPage} onClick={() => void items.fetchNextPage()}>
            {t('Show more')}
          </Button>
        </div>
      ) : null}
    </Section>
  );
}
