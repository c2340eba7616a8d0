/** Overview: is the site healthy? */
import { Button } from '@mantine/core';
import { IconFlask, IconInfoCircle, IconAlertTriangle, IconSend } from '@tabler/icons-react';
import { Link, useNavigate } from '@tanstack/react-router';
import { lazy, type ReactElement, Suspense } from 'react';
import { say, t } from '../../shared/i18n/translate.ts';
import type { SiteStatus } from '../../shared/operator-api/index.ts';
import { useSiteStatus } from '../app/connection/connection-store.ts';
import { useDemoTraffic } from '../app/demo-traffic.tsx';
import { openPublishForm } from '../flow/publish-form.tsx';
import { Trans } from '../i18n/trans.tsx';
import { formatBytes, formatCount, formatDuration } from '../kit/format.ts';
import { SkeletonRows } from '../kit/notices.tsx';
import { Page, Section } from '../kit/page.tsx';
import { HealthSign } from '../kit/status.tsx';
import { Ago } from '../kit/time.tsx';
import { FailingFamilies } from './failing-families.tsx';
import { GuaranteePanel } from './guarantees.tsx';
import { QueueAges } from './queue-ages.tsx';
import { RatesChart } from './rates-chart.tsx';
import { TierCard } from './tier-card.tsx';
import { verdictWords } from './verdict-words.ts';

const FlowMapView = lazy(() => import('../flow/flow-map.tsx'));

/** The page. */
export function OverviewPage(): ReactElement {
  const site = useSiteStatus();
  const navigate = useNavigate();
  const openNode = ({ kind, name }: { kind: 'source' | 'event' | 'job'; name: string }): void => {
    if (kind === 'job') void navigate({ to: '/jobs', search: { type: name } });
    else if (name !== '…') void navigate({ to: '/flow', search: kind === 'source' ? { source: name } : { type: name } });
  };
  if (!site) {
    return (
      <Page title={t('Overview')} answer={<span className="quiet">{t('Asking the services…')}</span>}>
        <SkeletonRows rows={10} />
      </Page>
    );
  }
  return (
    <Page title={t('Overview')} answer={verdictWords(site)}>
      <div className="overview">
        {site.totals.jobs === 0 ? <FirstSteps /> : null}
        <div className="tier-cards">
          {site.tiers.map((tier) => (
            <TierCard key={tier.tier} tier={tier} />
          ))}
        </div>
        <div className="overview-two">
          <Section title={t('Events per second by domain')} aside={<Link to="/flow">{t('Open flow')}</Link>}>
            <RatesChart />
          </Section>
          <div>
            <AttentionList site={site} />
            <FailingFamilies />
          </div>
        </div>
        <div className="overview-two">
          <Section title={t('Who causes what')} aside={<Link to="/flow" search={{ view: 'map' }}>{t('Open the flow map')}</Link>}>
            <div className="overview-map">
              <Suspense fallback={<SkeletonRows rows={6} />}>
                <FlowMapView small onOpen={openNode} />
              </Suspense>
            </div>
          </Section>
          <QueueAges />
        </div>
        <div className="overview-two">
          <GuaranteePanel />
          <Totals site={site} />
        </div>
        <Components site={site} />
        <Streams site={site} />
      </div>
    </Page>
  );
}

function AttentionList({ site }: { site: SiteStatus }): ReactElement {
  return (
    <Section title={t('Needs attention')}>
      {site.attention.length === 0 ? <p className="quiet">{t('Nothing needs you now.')}</p> : null}
      <ul className="attention">
        {site.attention.map(({ id, severity, link, ...sentence }) => (
          <li key={id}>
            {severity === 'info' ? <IconInfoCircle size={15} className="tone-running" aria-label={t('information')} /> : <IconAlertTriangle size={15} className={severity === 'error' ? 'tone-failed' : 'tone-retrying'} aria-label={severity === 'error' ? t('error') : t('warning')} />}
            {link === null ? <span>{say(sentence)}</span> : <a href={`#${link}`}>{say(sentence)}</a>}
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Components({ site }: { site: SiteStatus }): ReactElement {
  return (
    <Section title={t('Parts of the site')} aside={<span className="quiet"><Trans message="up for <age/>" parts={{ age: <Ago at={site.startedMs} /> }} /></span>}>
      <table className="table">
        <thead>
          <tr><th>{t('Part')}</th><th>{t('Health')}</th><th>{t('Detail')}</th><th>{t('Version')}</th></tr>
        </thead>
        <tbody>
          {site.components.map((part) => (
            <tr key={part.id}>
              <td>{t(part.name)}</td>
              <td><HealthSign health={part.health} /></td>
              <td className="table-words">{say(part.detail)}</td>
              <td className="mono quiet">{part.version ?? '—'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  );
}

function Totals({ site }: { site: SiteStatus }): ReactElement {
  const { totals, outbox, projection, deadLetters, setAside } = site;
  return (
    <Section title={t('Totals')} aside={<span className="quiet">{t('since the beginning')}</span>}>
      <table className="table">
        <tbody>
          <tr><td>{t('Events')}</td><td className="right">{formatCount(totals.events)}</td></tr>
          <tr><td>{t('Jobs')}</td><td className="right">{formatCount(totals.jobs)}</td></tr>
          <tr><td>{t('Jobs completed')}</td><td className="right">{formatCount(totals.completed)}</td></tr>
          <tr><td><Link to="/dead-letters">{t('Dead letters waiting')}</Link></td><td className="right">{formatCount(deadLetters.waiting)}</td></tr>
          <tr><td><Link to="/set-aside">{t('Messages set aside')}</Link></td><td className="right">{formatCount(setAside.total)}</td></tr>
          <tr>
            <td>{t('Outbox')}</td>
            <td className="right">{outbox.backlog === 0 ? t('empty') : t('{n, plural, one {# event} other {# events}}, oldest {age}', { n: outbox.backlog, age: formatDuration(outbox.oldestMs) })}</td>
          </tr>
          <tr>
            <td>{t('Projection')}</td>
            <td className="right">{projection.behind === 0 ? t('up to date') : t('{n, plural, one {# event} other {# events}} behind', { n: projection.behind })} <span className="quiet">{t('at {sequence, number}', { sequence: projection.lastSeq })}</span></td>
          </tr>
        </tbody>
      </table>
    </Section>
  );
}

function Streams({ site }: { site: SiteStatus }): ReactElement {
  return (
    <Section title={t('Streams')}>
      <div className="table-scroll">
        <table className="table">
          <thead>
            <tr><th>{t('Stream')}</th><th className="right">{t('Events')}</th><th className="right">{t('Size')}</th><th className="right">{t('First sequence')}</th><th className="right">{t('Last sequence')}</th><th className="right">{t('Kept for')}</th><th className="right">{t('Lag')}</th></tr>
          </thead>
          <tbody>
            {site.streams.map((stream) => (
              <tr key={stream.name}>
                <td className="mono">{stream.name}</td>
                <td className="right">{formatCount(stream.messages)}</td>
                <td className="right">{formatBytes(stream.bytes)}</td>
                <td className="right">{formatCount(stream.firstSeq)}</td>
                <td className="right">{formatCount(stream.lastSeq)}</td>
                <td className="right">{stream.maxAgeMs === null ? t('ever') : formatDuration(stream.maxAgeMs)}</td>
                <td className="right">{stream.lag === null ? <span className="quiet">{t('origin')}</span> : stream.lag === 0 ? t('in step') : t('{n, plural, one {# event} other {# events}} behind', { n: stream.lag })}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}

function FirstSteps(): ReactElement {
  const demo = useDemoTraffic();
  const origin = location.protocol.startsWith('http') ? location.origin : 'http://127.0.0.1:<port>';
  return (
    <section className="first-steps" aria-labelledby="first-steps">
      <h2 id="first-steps">{t('Nothing has happened yet')}</h2>
      <p>
        {t('The services are up and wait for events. Every event that arrives is kept, routed to the jobs it owes, and shown here.')}
      </p>
      <div className="button-row">
        <Button leftSection={<IconFlask size={14} />} onClick={demo.start} loading={demo.busy}>
          {t('Start demo traffic')}
        </Button>
        <Button variant="default" leftSection={<IconSend size={14} />} onClick={() => openPublishForm()}>
          {t('Publish an event')}
        </Button>
      </div>
      <p className="quiet"><Trans message="Or publish from a script, with the token of this launch from <file>run/token</file> in the data folder:" parts={{ file: <span className="mono" /> }} /></p>
      <pre className="stack">{`curl -X POST ${origin}/api/v1/publish \\
  -H "authorization: Bearer $(cat $SPINE_DATA_DIR/run/token)" -H "content-type: application/json" \\
  -d '{"eventType":"communication.CallStarted","source":"pbx-1","data":{"callId":"pbx-1-1","from":"+49 30 901820","to":"+49 30 5550100","direction":"inbound"}}'`}</pre>
    </section>
  );
}
