/** A rule against past events: how many would match, which, and what it would ask for. Nothing is published. */
import { Button, Select } from '@mantine/core';
import { IconFlask, IconPlayerStop } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { type ReactElement, useEffect, useRef, useState } from 'react';
import { credited } from '../../shared/credited.ts';
import { message, t } from '../../shared/i18n/translate.ts';
import type { DryRunMatch, DryRunProgress, DryRunScope } from '../../shared/operator-api/index.ts';
import { client } from '../app/connection/client.ts';
import { formatCount } from '../kit/format.ts';
import { EventType, Id, JobType } from '../kit/ids.tsx';
import { JsonTree } from '../kit/json-tree.tsx';
import { ErrorNotice } from '../kit/notices.tsx';
import { sayError } from '../kit/say-error.ts';
import { Clock } from '../kit/time.tsx';

/** A trace opens beside the form, which must not lose what was typed; the desktop app has one window, so there the id is to be copied. */
const IN_BROWSER = location.protocol.startsWith('http');
const HOUR_MS = 3_600_000;
const SCOPES: readonly { readonly value: string; readonly label: string; scope(now: number): DryRunScope }[] = [
  { value: '1000', label: message('the last 1,000 messages'), scope: () => ({ last: 1_000 }) },
  { value: '10000', label: message('the last 10,000 messages'), scope: () => ({ last: 10_000 }) },
  { value: '100000', label: message('the last 100,000 messages'), scope: () => ({ last: 100_000 }) },
  { value: 'hour', label: message('the last hour'), scope: (now) => ({ fromMs: now - HOUR_MS, toMs: now }) },
  { value: 'day', label: message('the last 24 hours'), scope: (now) => ({ fromMs: now - 24 * HOUR_MS, toMs: now }) },
  { value: 'week', label: message('the last 7 days'), scope: (now) => ({ fromMs: now - 168 * HOUR_MS, toMs: now }) },
];

interface Run {
  readonly progress: DryRunProgress | null;
  readonly matches: readonly DryRunMatch[];
  readonly running: boolean;
  readonly stopped: boolean;
}

/** @param definition the rule as it is edited now; null if it can't be read, which its form says. @param refused what the services say against it. */
export function DryRunView({ definition, refused }: { definition(): unknown; refused(message: string): boolean }): ReactElement {
  const [chosen, setChosen] = useState('10000');
  const [run, setRun] = useState<Run | null>(null);
  const [error, setError] = useState<string | null>(null);
  const stop = useRef<AbortController | null>(null);
  useEffect(() => () => stop.current?.abort(), []);

  const start = async (): Promise<void> => {
    const rule = definition();
    if (rule === null) return;
    const mine = new AbortController();
    stop.current = mine;
    setError(null);
    setRun({ progress: null, matches: [], running: true, stopped: false });
    const scope = (SCOPES.find(({ value }) => value === chosen) ?? SCOPES[0])?.scope(Date.now()) ?? { last: 1_000 };
    try {
      for await (const progress of credited((opening, signal) => client.rules.dryRun({ ...opening, definition: rule, scope }, { signal }), (grant) => client.streams.grant(grant), mine.signal)) {
        setRun((before) => ({ progress, matches: [...(before?.matches ?? []), ...progress.matches], running: !progress.done, stopped: false }));
      }
      setRun((before) => before && { ...before, running: false, stopped: before.progress?.done !== true });
    } catch (caught) {
      if (mine.signal.aborted) return;
      setRun(null);
      if (!refused(sayError(caught))) setError(sayError(caught));
    }
  };
  const end = (): void => {
    stop.current?.abort();
    setRun((before) => before && { ...before, running: false, stopped: true });
  };

  return (
    <section className="rules-dry" aria-label={t('Dry run')}>
      <div className="rules-dry-head">
        <Select aria-label={t('Against which events')} data={SCOPES.map(({ value, label }) => ({ value, label: t(label) }))} value={chosen} allowDeselect={false} onChange={(next) => setChosen(next ?? chosen)} w={220} />
        {run?.running === true ? (
          <Button variant="default" leftSection={<IconPlayerStop size={14} />} onClick={end}>{t('Stop')}</Button>
        ) : (
          <Button variant="default" leftSection={<IconFlask size={14} />} onClick={() => void start()}>{t('Dry run')}</Button>
        )}
        <span className="quiet">{t('Reads only: nothing is published, no job is put on a queue.')}</span>
      </div>
      {error === null ? null : <ErrorNotice what={t('The dry run did not finish')} error={new Error(error)} retry={() => void start()} />}
      {run?.progress ? <Result run={run} progress={run.progress} /> : run === null ? null : <p className="quiet">{t('Reading…')}</p>}
    </section>
  );
}

function Result({ run, progress }: { run: Run; progress: DryRunProgress }): ReactElement {
  const { read, total, reaching, demo, looked, matched, matchedBefore, more, fewer, jobs } = progress;
  return (
    <>
      <div className="rules-dry-progress">
        <progress aria-label={t('Progress of the dry run')} value={read} max={Math.max(1, total)} />
        <span className="num quiet">{t('{read} of {total} messages read', { read: formatCount(read), total: formatCount(total) })}{run.stopped ? `, ${t('stopped')}` : ''}</span>
      </div>
      <p className="rules-dry-answer" role="status">
        <strong>{t('{n, plural, one {# event would match.} other {# events would match.}}', { n: matched })}</strong>{' '}
        {t('It looks at {looked} of the {reaching} events that reach the rules.', { looked: formatCount(looked), reaching: formatCount(reaching - demo) })}
      </p>
      {demo > 0 ? <p className="quiet">{t('{n, plural, one {# event} other {# events}} of demo traffic left out: a site’s own rules do not act on invented customers.', { n: demo })}</p> : null}
      {matchedBefore === null ? null : (
        <p>{more === 0 && fewer === 0 ? t('The same as the rule does as it is stored.') : t('As it is stored it matches {n, plural, one {# event} other {# events}}: {more} more with this change, {fewer} fewer.', { n: matchedBefore, more: formatCount(more), fewer: formatCount(fewer) })}</p>
      )}
      {Object.entries(jobs).map(([type, count]) => <p key={type} className="rules-dry-jobs"><JobType type={type} /> <span className="num">{t('{n, plural, one {# job} other {# jobs}}', { n: count })}</span></p>)}
      {run.matches.length === 0 ? null : (
        <ol className="rules-matches">
          {run.matches.map((match, index) => <Match key={match.seq} match={match} open={index === 0} />)}
        </ol>
      )}
      {matched > run.matches.length ? <p className="quiet">{t('The first {n} are shown.', { n: formatCount(run.matches.length) })}</p> : null}
    </>
  );
}

function Match({ match, open }: { match: DryRunMatch; open: boolean }): ReactElement {
  return (
    <li>
      <div className="rules-match-head">
        <Clock at={match.storedMs} ms={false} /> <EventType type={match.eventType} /> <span className="quiet">{match.source}</span>
        {IN_BROWSER ? (
          <Link to="/traces/$correlationId" params={{ correlationId: match.correlationId }} search={{ node: `event:${match.eventId}` }} target="_blank">{t('Trace')}</Link>
        ) : <Id id={match.correlationId} />}
      </div>
      {match.actions.map((action, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- actions are in the order of the rule, which has no other key
        <details key={index} className="fold" open={index === 0 && (open || action.problem !== null)}>
          <summary>
            {action.jobType}
            {action.problem === null ? null : <span className="tone-failed"> {t('would not be taken: {problem}', { problem: action.problem })}</span>}
          </summary>
          <JsonTree value={action.input} label={t('filled-in input')} />
        </details>
      ))}
    </li>
  );
}
