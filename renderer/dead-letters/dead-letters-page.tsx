/** Dead letters: jobs that will not be tried again until a person decides; by cause first, one by one when asked for. */
import { SegmentedControl } from '@mantine/core';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { t } from '../../shared/i18n/translate.ts';
import { Page } from '../kit/page.tsx';
import { DeadLetterPanel } from './dead-letter-panel.tsx';
import { ExportAll, useFamiliesView } from './families-view.tsx';
import { useLettersView } from './letters-view.tsx';

const route = getRouteApi('/dead-letters');

/** The page. */
export function DeadLettersPage(): ReactElement {
  const { view, family, letter } = route.useSearch();
  const single = view === 'letters' || family !== undefined || letter !== undefined;
  return single ? <Letters /> : <Families />;
}

function Families(): ReactElement {
  const { answer, tools, content } = useFamiliesView();
  return (
    <Page title={t('Dead letters')} fixed answer={answer} tools={<><ExportAll />{tools}<ViewSwitch /></>}>
      {content}
    </Page>
  );
}

function Letters(): ReactElement {
  const { letter, family } = route.useSearch();
  const navigate = route.useNavigate();
  const { answer, tools, content } = useLettersView();
  return (
    <Page
      title={t('Dead letters')}
      fixed
      answer={
        <>
          {family === undefined ? null : <><Link to="/dead-letters">{t('All families')}</Link>{' ▸ '}</>}
          {answer}
        </>
      }
      tools={<>{tools}<ViewSwitch /></>}
      panel={letter === undefined ? null : <DeadLetterPanel key={letter} deadLetterId={letter} onClose={() => void navigate({ search: (before) => ({ ...before, letter: undefined, view: before.family === undefined ? 'letters' : undefined }) })} />}
    >
      {content}
    </Page>
  );
}

function ViewSwitch(): ReactElement {
  const { view, family, letter } = route.useSearch();
  const navigate = route.useNavigate();
  const single = view === 'letters' || family !== undefined || letter !== undefined;
  return (
    <SegmentedControl
      aria-label={t('View')}
      value={single ? 'letters' : 'families'}
      onChange={(next) => void navigate({ search: next === 'letters' ? { view: 'letters' } : {} })}
      data={[{ value: 'families', label: t('By cause') }, { value: 'letters', label: t('One by one') }]}
    />
  );
}
